import * as z from 'zod'
import { defineSink, type NamedOptions } from './define-sink.ts'
import { deliveryOptions } from './delivery/delivery-options.ts'
import type { Mapping } from './prometheus/mapping.ts'
import { mappingOptions, wantsOfMapping } from './prometheus/mapping-options.ts'

const options = () =>
  z.strictObject({ type: z.literal('prometheus'), ...deliveryOptions(), ...mappingOptions() }).meta({
    description:
      'Adds up what is flushed for Prometheus, which scrapes it at `/prometheus`, as statsd_exporter does.',
  })

/** `mapping` is what `mapping_config` says. */
export type PrometheusOptions = NamedOptions<typeof options> & { readonly mapping?: Mapping }

export const prometheusSink = defineSink({
  types: ['prometheus'],
  options,
  wants: wantsOfMapping,
  async create(sink: PrometheusOptions, context) {
    const { createPrometheusSink } = await import('./prometheus/prometheus-sink.ts')
    return createPrometheusSink(sink, context)
  },
})
