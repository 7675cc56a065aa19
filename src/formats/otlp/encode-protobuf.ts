import { ProtobufWriter } from '../../lib/protobuf-writer.ts'
import { groupPoints, type MetricGroup } from './group-points.ts'
import type { OtlpAttribute, OtlpBuckets, OtlpData, OtlpPoint, Temporality } from './otlp-point.ts'
import type { OtlpLog } from './otlp-log.ts'

/** An ExportMetricsServiceRequest. `scope` names the program that measured. */
export function encodeOtlpProtobuf(points: readonly OtlpPoint[], scope: string): Uint8Array<ArrayBuffer> {
  const writer = new ProtobufWriter(64 * 1024)
  for (const { resource, metrics } of groupPoints(points)) {
    writer.message(1, () => {
      writer.message(1, () => writeAttributes(writer, 1, resource))
      writer.message(2, () => {
        writer.message(1, () => writer.text(1, scope))
        for (const metric of metrics) writer.message(2, () => writeMetric(writer, metric))
      })
    })
  }
  return writer.finish()
}

/** An ExportLogsServiceRequest. */
export function encodeLogsProtobuf(logs: readonly OtlpLog[], scope: string): Uint8Array<ArrayBuffer> {
  const writer = new ProtobufWriter(64 * 1024)
  for (const [resource, ofResource] of Map.groupBy(logs, (log) => log.resource)) {
    writer.message(1, () => {
      writer.message(1, () => writeAttributes(writer, 1, resource))
      writer.message(2, () => {
        writer.message(1, () => writer.text(1, scope))
        for (const log of ofResource) {
          writer.message(2, () => {
            writeTime(writer, 1, log.timeMs)
            writer.uint(2, log.severity)
            writer.message(5, () => writer.text(1, log.body))
            writeAttributes(writer, 6, log.attributes)
            writeTime(writer, 11, log.timeMs)
            writer.text(12, log.eventName)
          })
        }
      })
    })
  }
  return writer.finish()
}

/** Number of the field of a metric that holds its points, by kind. */
const FIELDS: Readonly<Record<OtlpData['kind'], number>> = {
  gauge: 5,
  sum: 7,
  histogram: 9,
  'exponential histogram': 10,
  summary: 11,
}

const TEMPORALITIES: Readonly<Record<Temporality, number>> = { delta: 1, cumulative: 2 }

function writeMetric(writer: ProtobufWriter, { name, unit, data, points }: MetricGroup): void {
  writer.text(1, name)
  if (unit !== '') writer.text(3, unit)
  writer.message(FIELDS[data.kind], () => {
    for (const point of points) writer.message(1, () => writePoint(writer, point))
    if ('temporality' in data) writer.uint(2, TEMPORALITIES[data.temporality])
    if (data.kind === 'sum' && data.isMonotonic) writer.bool(3, true)
  })
}

function writePoint(writer: ProtobufWriter, { attributes, startMs, timeMs, data }: OtlpPoint): void {
  if (startMs > 0) writeTime(writer, 2, startMs)
  writeTime(writer, 3, timeMs)
  switch (data.kind) {
    case 'gauge':
    case 'sum':
      writer.double(4, data.value)
      writeAttributes(writer, 7, attributes)
      return
    case 'histogram':
      writer.fixed64(4, BigInt(data.count))
      writeOptional(writer, 5, data.sum)
      writer.fixed64s(6, data.bucketCounts)
      writer.doubles(7, data.bounds)
      writeAttributes(writer, 9, attributes)
      writeOptional(writer, 11, data.min)
      writeOptional(writer, 12, data.max)
      return
    case 'exponential histogram':
      writeAttributes(writer, 1, attributes)
      writer.fixed64(4, BigInt(data.count))
      writeOptional(writer, 5, data.sum)
      writer.sint(6, data.scale)
      writer.fixed64(7, BigInt(data.zeroCount))
      writeBuckets(writer, 8, data.positive)
      writeBuckets(writer, 9, data.negative)
      writeOptional(writer, 12, data.min)
      writeOptional(writer, 13, data.max)
      return
    case 'summary':
      writer.fixed64(4, BigInt(data.count))
      writer.double(5, data.sum)
      for (const { quantile, value } of data.quantiles) {
        writer.message(6, () => {
          writer.double(1, quantile)
          writer.double(2, value)
        })
      }
      writeAttributes(writer, 7, attributes)
  }
}

function writeBuckets(writer: ProtobufWriter, field: number, { offset, counts }: OtlpBuckets): void {
  if (counts.length === 0) return
  writer.message(field, () => {
    writer.sint(1, offset)
    writer.uints(2, counts)
  })
}

function writeOptional(writer: ProtobufWriter, field: number, value: number | undefined): void {
  if (value !== undefined) writer.double(field, value)
}

function writeAttributes(writer: ProtobufWriter, field: number, attributes: readonly OtlpAttribute[]): void {
  for (const [key, value] of attributes) {
    writer.message(field, () => {
      writer.text(1, key)
      writer.message(2, () => writer.text(1, value))
    })
  }
}

function writeTime(writer: ProtobufWriter, field: number, timeMs: number): void {
  writer.fixed64(field, BigInt(Math.round(timeMs)) * NS_PER_MS)
}

const NS_PER_MS = 1_000_000n
