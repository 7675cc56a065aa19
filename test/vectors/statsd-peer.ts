import { createStatsdFormat, type StatsdFormatOptions } from '../../src/formats/index.ts'
import type { MetricEvent } from '../../src/model/event.ts'
import type { RejectionReason } from '../../src/model/rejection.ts'
import { METRIC_TYPES, type MetricType } from '../../src/model/sample.ts'
import { parseSeriesKey } from '../../src/model/series-key.ts'

/** When all lines of the vectors are received. */
export const RECEIVED_AT_MS = 1_700_000_000_000

/** A sample or a point: what a line says about one metric, with its key taken apart. */
export interface Taken {
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly type: MetricType
  readonly value: number
  readonly member: string
  readonly weight: number
  readonly isDelta: boolean
  /** Of a point; undefined for a sample. */
  readonly timeMs?: number
}

export interface Decoded {
  readonly taken: readonly Taken[]
  readonly events: readonly MetricEvent[]
  /** Of the lines that were rejected, in order. */
  readonly reasons: readonly RejectionReason[]
}

/** Decodes text as a listener would: in lines ended by LF or CR LF, empty ones passed over. */
export function decodePacket(
  packet: string | { _bytes_latin1: string },
  options: StatsdFormatOptions,
): Decoded {
  const format = createStatsdFormat(options)
  const bytes = typeof packet === 'string' ? Buffer.from(packet) : Buffer.from(packet._bytes_latin1, 'latin1')
  const taken: Taken[] = []
  const events: MetricEvent[] = []
  const reasons: RejectionReason[] = []
  const out = {
    packet: () => undefined,
    sample: ({ key, ...sample }: { key: string } & Omit<Taken, 'name' | 'tags'>) => {
      taken.push({ ...identityOf(key), ...sample })
    },
    point: ({ key, type, timeMs, value }: { key: string; type?: string; timeMs: number; value: number }) => {
      const metricType = METRIC_TYPES.find((known) => known === type)
      if (metricType === undefined) throw new Error('a point of StatsD has a type')
      taken.push({
        ...identityOf(key),
        type: metricType,
        value,
        member: '',
        weight: 1,
        isDelta: false,
        timeMs,
      })
    },
    event: (event: MetricEvent) => events.push(event),
  }
  for (let start = 0; start < bytes.length; ) {
    const lineFeed = bytes.indexOf(0x0a, start)
    const next = lineFeed < 0 ? bytes.length : lineFeed
    const end = next > start && bytes[next - 1] === 0x0d ? next - 1 : next
    if (end > start) {
      const reason = format.decodeLine(bytes, start, end, RECEIVED_AT_MS, out)
      if (reason !== undefined) reasons.push(reason)
    }
    start = next + 1
  }
  return { taken, events, reasons }
}

/** Tags as DogStatsD spells them, as an object: what Kymo makes of a list of them. */
export function tagsOf(list: readonly string[] | null | undefined): Record<string, string> {
  return Object.fromEntries(
    (list ?? []).map((tag) => {
      const colon = tag.indexOf(':')
      return colon < 0 ? [tag, 'true'] : [tag.slice(0, colon), tag.slice(colon + 1)]
    }),
  )
}

function identityOf(key: string): Pick<Taken, 'name' | 'tags'> {
  const { name, tags } = parseSeriesKey(key)
  return { name, tags: Object.fromEntries(tags) }
}
