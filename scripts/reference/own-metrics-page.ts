import { REJECTION_REASONS } from '../../src/model/rejection.ts'
import { DROP_REASONS, OWN_METRICS } from '../../src/telemetry/own-metrics.ts'
import { code, page, table } from './markdown.ts'

interface Row {
  readonly type: string
  readonly help: string
  readonly labels?: readonly string[]
  readonly buckets?: readonly number[]
}

export function renderOwnMetricsPage(): string {
  return page(
    '# Metrics about Kymo itself',
    "Served at `GET /metrics` in Prometheus' text format.",
    table(
      ['Name', 'Type', 'Labels', 'Meaning'],
      Object.entries<Row>(OWN_METRICS).map(([name, { type, labels = [], help, buckets }]) => [
        code(name),
        type,
        labels.map((label) => code(publicLabel(label))).join(', '),
        buckets === undefined ? help : `${help} Buckets: ${buckets.join(', ')}.`,
      ]),
    ),
    '## Labels',
    'All values are known at start, so the number of series never grows with traffic.',
    table(
      ['Label', 'Values'],
      [
        [code('listener'), 'A transport and a format, such as `statsd-udp`.'],
        [code('sink'), '`store`, and the name of each sink in the configuration.'],
        [code('thread'), 'The name of a thread.'],
        [`${code('reason')} of rejected lines`, REJECTION_REASONS.map(code).join(', ')],
        [`${code('reason')} of dropped points`, DROP_REASONS.map(code).join(', ')],
      ],
    ),
  )
}

/** Both kinds of reason are called so outside; in the table of metrics they are told apart. */
function publicLabel(label: string): string {
  return label === 'drop_reason' ? 'reason' : label
}
