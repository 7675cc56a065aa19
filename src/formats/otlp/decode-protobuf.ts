import { ProtobufReader } from '../../lib/protobuf-reader.ts'
import {
  NO_BUCKETS,
  type OtlpAttribute,
  type OtlpBuckets,
  type OtlpData,
  type OtlpPoint,
  type Temporality,
} from './otlp-point.ts'

/**
 * The data points of an ExportMetricsServiceRequest, one by one.
 *
 *   request -1-> ResourceMetrics -1-> Resource
 *                                -2-> ScopeMetrics -2-> Metric -1,3-> name, unit
 *                                                              -5,7,9,10,11-> Gauge, Sum, ... -1-> data points
 *
 * Fields come in any order, so what a message says of its points is read before them. Throws a ProtobufError where the body
 * is none; points before that have been given. `undefined` stands for a point that says nothing that can be understood.
 */
export function* decodeOtlpProtobuf(body: Uint8Array): Generator<OtlpPoint | undefined> {
  const request = new ProtobufReader(body)
  while (request.next()) {
    if (request.field === 1) yield* readResource(request.message())
    else request.skip()
  }
}

function* readResource(message: ProtobufReader): Generator<OtlpPoint | undefined> {
  const points = message.clone()
  let resource: readonly OtlpAttribute[] = []
  while (message.next()) {
    if (message.field === 1) resource = readAttributes(message.message(), 1)
    else message.skip()
  }
  while (points.next()) {
    if (points.field === 2) yield* readScope(points.message(), resource)
    else points.skip()
  }
}

function* readScope(
  message: ProtobufReader,
  resource: readonly OtlpAttribute[],
): Generator<OtlpPoint | undefined> {
  while (message.next()) {
    if (message.field === 2) yield* readMetric(message.message(), resource)
    else message.skip()
  }
}

const KINDS: ReadonlyMap<number, OtlpData['kind']> = new Map([
  [5, 'gauge'],
  [7, 'sum'],
  [9, 'histogram'],
  [10, 'exponential histogram'],
  [11, 'summary'],
])

function* readMetric(
  message: ProtobufReader,
  resource: readonly OtlpAttribute[],
): Generator<OtlpPoint | undefined> {
  let name = ''
  let unit = ''
  let kind: OtlpData['kind'] | undefined
  let data: ProtobufReader | undefined
  while (message.next()) {
    const { field } = message
    if (field === 1) name = message.text()
    else if (field === 3) unit = message.text()
    else if (KINDS.has(field)) {
      kind = KINDS.get(field)
      data = message.message()
    } else message.skip()
  }
  if (kind === undefined || data === undefined) return
  const points = data.clone()
  let temporality: Temporality | undefined
  let isMonotonic = false
  while (data.next()) {
    if (data.field === 2) temporality = TEMPORALITIES.get(data.uint())
    else if (data.field === 3) isMonotonic = data.bool()
    else data.skip()
  }
  while (points.next()) {
    if (points.field !== 1) {
      points.skip()
      continue
    }
    const point = READERS[kind](points.message(), temporality, isMonotonic)
    if (point === undefined) yield undefined
    else if (!point.hasNoValue) {
      const { attributes, startMs, timeMs } = point
      yield { resource, name, unit, attributes, startMs, timeMs, data: point.data }
    }
  }
}

const TEMPORALITIES: ReadonlyMap<number, Temporality> = new Map([
  [1, 'delta'],
  [2, 'cumulative'],
])

/** What all data points have. Which field is which differs from message to message. */
class PointFields {
  readonly attributes: OtlpAttribute[] = []
  startMs = 0
  timeMs = 0
  #flags = 0

  /** The flag that says that there is nothing to be told for the time. */
  get hasNoValue(): boolean {
    return this.#flags % 2 === 1
  }

  read(message: ProtobufReader, attributesField: number, flagsField: number): boolean {
    const { field } = message
    if (field === attributesField) addAttribute(message.message(), this.attributes)
    else if (field === 2) this.startMs = readTime(message)
    else if (field === 3) this.timeMs = readTime(message)
    else if (field === flagsField) this.#flags = message.uint()
    else return false
    return true
  }
}

interface ReadPoint extends Pick<OtlpPoint, 'attributes' | 'startMs' | 'timeMs' | 'data'> {
  readonly hasNoValue: boolean
}

type ReadData = (
  message: ProtobufReader,
  temporality: Temporality | undefined,
  isMonotonic: boolean,
) => ReadPoint | undefined

const READERS: Readonly<Record<OtlpData['kind'], ReadData>> = {
  gauge(message) {
    const { fields, value } = readNumber(message)
    return value === undefined && !fields.hasNoValue
      ? undefined
      : pointOf(fields, { kind: 'gauge', value: value ?? 0 })
  },

  sum(message, temporality, isMonotonic) {
    const { fields, value } = readNumber(message)
    if (temporality === undefined || (value === undefined && !fields.hasNoValue)) return undefined
    return pointOf(fields, { kind: 'sum', value: value ?? 0, temporality, isMonotonic })
  },

  histogram(message, temporality) {
    const fields = new PointFields()
    const bounds: number[] = []
    const bucketCounts: number[] = []
    let count = 0
    let sum: number | undefined
    let min: number | undefined
    let max: number | undefined
    while (message.next()) {
      if (fields.read(message, 9, 10)) continue
      if (message.field === 4) count = message.fixed64()
      else if (message.field === 5) sum = message.double()
      else if (message.field === 6) message.fixed64s(bucketCounts)
      else if (message.field === 7) message.doubles(bounds)
      else if (message.field === 11) min = message.double()
      else if (message.field === 12) max = message.double()
      else message.skip()
    }
    if (temporality === undefined) return undefined
    return pointOf(fields, { kind: 'histogram', temporality, count, sum, min, max, bounds, bucketCounts })
  },

  'exponential histogram'(message, temporality) {
    const fields = new PointFields()
    let [count, scale, zeroCount] = [0, 0, 0]
    let sum: number | undefined
    let min: number | undefined
    let max: number | undefined
    let [positive, negative] = [NO_BUCKETS, NO_BUCKETS]
    while (message.next()) {
      if (fields.read(message, 1, 10)) continue
      if (message.field === 4) count = message.fixed64()
      else if (message.field === 5) sum = message.double()
      else if (message.field === 6) scale = message.sint()
      else if (message.field === 7) zeroCount = message.fixed64()
      else if (message.field === 8) positive = readBuckets(message.message())
      else if (message.field === 9) negative = readBuckets(message.message())
      else if (message.field === 12) min = message.double()
      else if (message.field === 13) max = message.double()
      else message.skip()
    }
    if (temporality === undefined) return undefined
    const kind = 'exponential histogram'
    return pointOf(fields, { kind, temporality, count, sum, min, max, scale, zeroCount, positive, negative })
  },

  summary(message) {
    const fields = new PointFields()
    const quantiles: { quantile: number; value: number }[] = []
    let [count, sum] = [0, 0]
    while (message.next()) {
      if (fields.read(message, 7, 8)) continue
      if (message.field === 4) count = message.fixed64()
      else if (message.field === 5) sum = message.double()
      else if (message.field === 6) quantiles.push(readQuantile(message.message()))
      else message.skip()
    }
    return pointOf(fields, { kind: 'summary', count, sum, quantiles })
  },
}

function pointOf({ attributes, startMs, timeMs, hasNoValue }: PointFields, data: OtlpData): ReadPoint {
  return { attributes, startMs, timeMs, hasNoValue, data }
}

function readNumber(message: ProtobufReader): { fields: PointFields; value: number | undefined } {
  const fields = new PointFields()
  let value: number | undefined
  while (message.next()) {
    if (fields.read(message, 7, 8)) continue
    if (message.field === 4) value = message.double()
    else if (message.field === 6) value = message.sfixed64()
    else message.skip()
  }
  return { fields, value }
}

function readBuckets(message: ProtobufReader): OtlpBuckets {
  const counts: number[] = []
  let offset = 0
  while (message.next()) {
    if (message.field === 1) offset = message.sint()
    else if (message.field === 2) message.uints(counts)
    else message.skip()
  }
  return { offset, counts }
}

function readQuantile(message: ProtobufReader): { quantile: number; value: number } {
  let [quantile, value] = [0, 0]
  while (message.next()) {
    if (message.field === 1) quantile = message.double()
    else if (message.field === 2) value = message.double()
    else message.skip()
  }
  return { quantile, value }
}

function readAttributes(message: ProtobufReader, field: number): OtlpAttribute[] {
  const attributes: OtlpAttribute[] = []
  while (message.next()) {
    if (message.field === field) addAttribute(message.message(), attributes)
    else message.skip()
  }
  return attributes
}

function addAttribute(message: ProtobufReader, into: OtlpAttribute[]): void {
  let key = ''
  let value: string | undefined
  while (message.next()) {
    if (message.field === 1) key = message.text()
    else if (message.field === 2) value = readValue(message.message())
    else message.skip()
  }
  if (value !== undefined) into.push([key, value])
}

/** undefined: a list, a map or bytes. Nothing goes into those, however deep they are. */
function readValue(message: ProtobufReader): string | undefined {
  let value: string | undefined
  while (message.next()) {
    if (message.field === 1) value = message.text()
    else if (message.field === 2) value = String(message.bool())
    else if (message.field === 3) value = String(message.int())
    else if (message.field === 4) value = String(message.double())
    else message.skip()
  }
  return value
}

function readTime(message: ProtobufReader): number {
  return Math.round(message.fixed64() / NS_PER_MS)
}

const NS_PER_MS = 1_000_000
