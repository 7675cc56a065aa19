import { ProtobufWriter } from '../../lib/protobuf-writer.ts'
import type {
  FamilySeries,
  HistogramReading,
  MetricFamily,
  MetricFamilyType,
} from '../../model/metric-family.ts'
import { bucketSpans } from './bucket-spans.ts'

// What a scrape gets as io.prometheus.client.MetricFamily, each with its length in front: the one format that carries native
// histograms. Numbers of fields are those of client_model's metrics.proto.

const PIECE_BYTES = 65_536
/** A family of many series is sent as several: a reader joins those of one name. */
const MOST_FAMILY_BYTES = PIECE_BYTES

const TYPES: Readonly<Record<MetricFamilyType, number>> = {
  counter: 0,
  gauge: 1,
  summary: 2,
  untyped: 3,
  histogram: 4,
}
/** The field of Metric that holds what a type has. */
const VALUE_FIELDS: Readonly<Record<MetricFamilyType, number>> = {
  gauge: 2,
  counter: 3,
  summary: 4,
  untyped: 5,
  histogram: 7,
}

/** In pieces, which end where messages do. */
export function* encodeFamilies(families: Iterable<MetricFamily>): Generator<Uint8Array<ArrayBuffer>> {
  const writer = new ProtobufWriter(2 * PIECE_BYTES)
  for (const family of families) {
    const series = family.series[Symbol.iterator]()
    for (let next = series.next(); next.done !== true; ) {
      writer.delimited(() => {
        const start = writer.length
        writer.text(1, family.name)
        writer.text(2, family.help)
        writer.uint(3, TYPES[family.type])
        for (; next.done !== true && writer.length - start < MOST_FAMILY_BYTES; next = series.next())
          writeSeries(writer, family.type, next.value)
      })
      if (writer.length >= PIECE_BYTES) yield writer.finish()
    }
  }
  if (writer.length > 0) yield writer.finish()
}

function writeSeries(writer: ProtobufWriter, type: MetricFamilyType, series: FamilySeries): void {
  writer.message(4, () => {
    for (const [name, value] of series.labels)
      writer.message(1, () => {
        writer.text(1, name)
        writer.text(2, value)
      })
    writer.message(VALUE_FIELDS[type], () => writeValue(writer, series))
  })
}

function writeValue(writer: ProtobufWriter, { value, summary, histogram }: FamilySeries): void {
  if (histogram !== undefined) return writeHistogram(writer, histogram)
  if (summary === undefined) return writer.double(1, value ?? Number.NaN)
  writer.uint(1, summary.count)
  writer.double(2, summary.sum)
  for (const { quantile, value: answer } of summary.quantiles)
    writer.message(3, () => {
      writer.double(1, quantile)
      writer.double(2, answer)
    })
}

function writeHistogram(
  writer: ProtobufWriter,
  { sum, count, edges, counts, native }: HistogramReading,
): void {
  writer.uint(1, count)
  writer.double(2, sum)
  let cumulative = 0
  for (const [index, edge] of edges.entries()) {
    cumulative += counts[index] ?? 0
    writer.message(3, () => {
      writer.uint(1, cumulative)
      writer.double(2, edge)
    })
  }
  if (native === undefined) return
  writer.sint(5, native.schema)
  writer.double(6, native.zeroThreshold)
  writer.uint(7, native.zeroCount)
  writeBuckets(writer, native.negative, { spans: 9, deltas: 10 })
  writeBuckets(writer, native.positive, { spans: 12, deltas: 13 })
  // A span of nothing says that this is a native histogram, though it has no buckets yet.
  if (native.positive.size === 0 && native.negative.size === 0 && native.zeroCount === 0)
    writer.message(12, () => {
      writer.sint(1, 0)
      writer.uint(2, 0)
    })
}

function writeBuckets(
  writer: ProtobufWriter,
  buckets: ReadonlyMap<number, number>,
  fields: { readonly spans: number; readonly deltas: number },
): void {
  const { spans, deltas } = bucketSpans(buckets)
  for (const { offset, length } of spans)
    writer.message(fields.spans, () => {
      writer.sint(1, offset)
      writer.uint(2, length)
    })
  // client_model is proto2: repeated numbers are not packed there.
  for (const delta of deltas) writer.sint(fields.deltas, delta)
}
