import { ProtobufWriter } from '../../lib/protobuf-writer.ts'
import type { Label, MetricFamilyType } from '../../model/metric-family.ts'
import type { RemoteWriteVersion } from './version.ts'

/** One sample of one series. */
export interface SentSample {
  /** By name, `__name__` among them. None is empty. */
  readonly labels: readonly Label[]
  readonly value: number
  /** The series has ended: it has no value any more. */
  readonly isStale?: boolean
  readonly timeMs: number
  /** Of the metric. */
  readonly type: MetricFamilyType
  readonly help: string
}

/** Samples as a request, not compressed yet. Those of one series that follow each other become one series of the request. */
export function encodeRequest(
  samples: readonly SentSample[],
  version: RemoteWriteVersion,
): Uint8Array<ArrayBuffer> {
  return version === '1.0' ? encodeFirst(samples) : encodeSecond(samples)
}

function encodeFirst(samples: readonly SentSample[]): Uint8Array<ArrayBuffer> {
  const writer = new ProtobufWriter(samples.length * 128)
  for (const group of groupBySeries(samples)) {
    writer.message(1, () => {
      for (const [name, value] of group[0]?.labels ?? [])
        writer.message(1, () => {
          writer.text(1, name)
          writer.text(2, value)
        })
      writeSamples(writer, group)
    })
  }
  return writer.finish()
}

/** Texts are sent once and numbered; the first is empty. */
function encodeSecond(samples: readonly SentSample[]): Uint8Array<ArrayBuffer> {
  const writer = new ProtobufWriter(samples.length * 64)
  const symbols = new Map([['', 0]])
  const numberOf = (text: string): number => {
    const known = symbols.get(text)
    if (known !== undefined) return known
    symbols.set(text, symbols.size)
    return symbols.size - 1
  }
  for (const group of groupBySeries(samples)) {
    const [first] = group
    if (first === undefined) continue
    writer.message(5, () => {
      writer.uints(
        1,
        first.labels.flatMap(([name, value]) => [numberOf(name), numberOf(value)]),
      )
      writeSamples(writer, group)
      writer.message(5, () => {
        writer.uint(1, TYPES[first.type])
        writer.uint(3, numberOf(first.help))
      })
    })
  }
  for (const symbol of symbols.keys()) writer.text(4, symbol)
  return writer.finish()
}

/** Of io.prometheus.write.v2.Metadata. */
const TYPES: Readonly<Record<MetricFamilyType, number>> = {
  untyped: 0,
  counter: 1,
  gauge: 2,
  histogram: 3,
  summary: 5,
}

function writeSamples(writer: ProtobufWriter, samples: readonly SentSample[]): void {
  for (const { value, isStale, timeMs } of samples)
    writer.message(2, () => {
      if (isStale) writer.fixed64(1, STALE_BITS)
      else writer.double(1, value)
      writer.int(2, timeMs)
    })
}

/** Of all the doubles that are no number, the one that says so. */
const STALE_BITS = 0x7ff0_0000_0000_0002n

function* groupBySeries(samples: readonly SentSample[]): Generator<readonly SentSample[]> {
  let group: SentSample[] = []
  for (const sample of samples) {
    if (group.length > 0 && group[0]?.labels !== sample.labels) {
      yield group
      group = []
    }
    group.push(sample)
  }
  if (group.length > 0) yield group
}
