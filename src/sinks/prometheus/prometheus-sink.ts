import { encodeFamilies as encodeProtobuf } from '../../formats/prometheus-protobuf/encode-families.ts'
import { encodeFamilies as encodeText } from '../../formats/prometheus-text/encode-families.ts'
import type { PrometheusOptions } from '../prometheus.ts'
import type { Sink, SinkContext } from '../sink.ts'
import { Exporter } from './exporter.ts'
import { ExporterFeed } from './exporter-feed.ts'
import { NO_MAPPING } from './mapping.ts'

/** Sends nothing: it is asked, by `expose`. What was brought since the start is added up in memory. */
export function createPrometheusSink(options: PrometheusOptions, { clock, log }: SinkContext): Sink {
  const exporter = new Exporter(options.mapping ?? NO_MAPPING, {
    mostSeries: options.max_series,
    nowMs: () => clock.nowMs(),
  })
  const feed = new ExporterFeed(exporter, log)
  return {
    name: options.name,
    flush(batch, signal) {
      signal.throwIfAborted()
      const refused = feed.take(batch)
      exporter.expire()
      return { refusedPoints: Math.min(refused, batch.series.length) }
    },
    expose(format) {
      const families = exporter.families()
      return format === 'protobuf' ? encodeProtobuf(families) : encodeText(families, format)
    },
    close: async () => {},
  }
}
