/** What is served to whom asks for metrics. */
export type ExpositionFormat = 'text' | 'openmetrics' | 'protobuf'

export const CONTENT_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  protobuf: 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
}

/**
 * By the header Accept. Prometheus likes OpenMetrics better than text; yet it is for those who ask for it without asking for text
 * as well: in it the names of counters end in `_total`, and whoever came from statsd_exporter would find them changed.
 */
export function negotiate(accept: string | undefined): ExpositionFormat {
  const asked = (accept ?? '')
    .toLowerCase()
    .split(',', MOST_RANGES)
    .map(readRange)
    .filter(({ quality }) => quality > 0)
  const qualityOf = (format: ExpositionFormat): number =>
    Math.max(0, ...asked.filter((range) => range.format === format).map(({ quality }) => quality))
  const [text, protobuf, openmetrics] = [qualityOf('text'), qualityOf('protobuf'), qualityOf('openmetrics')]
  if (protobuf > 0 && protobuf >= Math.max(text, openmetrics)) return 'protobuf'
  return openmetrics > 0 && text === 0 ? 'openmetrics' : 'text'
}

const MOST_RANGES = 50

function readRange(range: string): {
  readonly format: ExpositionFormat | undefined
  readonly quality: number
} {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim())
  const valueOf = (name: string): string | undefined =>
    parameters
      .find((parameter) => parameter.startsWith(`${name}=`))
      ?.slice(name.length + 1)
      .replaceAll('"', '')
  const quality = Number(valueOf('q') ?? 1)
  const isDelimited =
    valueOf('proto') === 'io.prometheus.client.metricfamily' && valueOf('encoding') === 'delimited'
  switch (type) {
    case 'text/plain':
      return { format: (valueOf('version') ?? '0.0.4') === '0.0.4' ? 'text' : undefined, quality }
    case 'application/openmetrics-text':
      return {
        format: /^(1\.|0\.0\.1$)/.test(valueOf('version') ?? '1.0.0') ? 'openmetrics' : undefined,
        quality,
      }
    case 'application/vnd.google.protobuf':
      return { format: isDelimited ? 'protobuf' : undefined, quality }
    default:
      return { format: undefined, quality }
  }
}
