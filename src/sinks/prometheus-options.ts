import * as z from 'zod'
import { deliveryOptions } from './delivery/delivery-options.ts'
import type { Mapping } from './prometheus/mapping.ts'
import { mappingOptions } from './prometheus/mapping-options.ts'

export const prometheusOptions = z
  .strictObject({ type: z.literal('prometheus'), ...deliveryOptions, ...mappingOptions })
  .meta({
    description:
      'Adds up what is flushed for Prometheus, which scrapes it at `/prometheus`, as statsd_exporter does.',
  })

/** `mapping` is what `mapping_config` says. */
export type PrometheusOptions = z.output<typeof prometheusOptions> & { readonly mapping?: Mapping }
