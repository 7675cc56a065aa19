import { integer, optionalText } from '../../lib/option.ts'
import type { Appetite } from '../define-sink.ts'
import type { Mapping } from './mapping.ts'

/** Options of both sinks that make metrics of Prometheus. Spread into their own. */
export const mappingOptions = () => ({
  mapping_config: optionalText(
    "A mapping file of statsd_exporter: which metrics become which of Prometheus'. It is read again when the configuration is. Not given: each metric has its own name, and timers are summaries.",
  ),
  max_series: integer(
    'The most series that are kept. New ones beyond are refused and counted. A `ttl` in the mapping file makes room for others.',
    1_000_000,
    { min: 1, max: 100_000_000 },
  ),
})

/** `mapping` is what `mapping_config` says. */
export interface MappedOptions {
  readonly mapping_config?: string | undefined
  readonly mapping?: Mapping
}

export function wantsOfMapping({ mapping }: MappedOptions): Partial<Appetite> {
  const hasTtl = mapping !== undefined && [mapping.defaults, ...mapping.rules].some(({ ttlMs }) => ttlMs > 0)
  return { details: true, idleGauges: hasTtl }
}
