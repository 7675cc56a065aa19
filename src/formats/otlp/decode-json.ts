import {
  NO_BUCKETS,
  type OtlpAttribute,
  type OtlpBuckets,
  type OtlpData,
  type OtlpPoint,
  type Temporality,
} from './otlp-point.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * The data points of an ExportMetricsServiceRequest in OTLP's JSON: keys in lowerCamelCase, 64-bit numbers as text or as numbers, enums as
 * numbers or by their names. Throws a SyntaxError where the body is no JSON object. `undefined` stands for a point that says nothing that
 * can be understood.
 */
export function decodeOtlpJson(body: Uint8Array): Iterable<OtlpPoint | undefined> {
  const request: unknown = JSON.parse(TEXT.decode(body))
  if (!isFields(request)) throw new SyntaxError('it is no JSON object')
  return readRequest(request)
}

function* readRequest(request: Fields): Generator<OtlpPoint | undefined> {
  for (const resourceMetrics of listOf(request['resourceMetrics'])) {
    const resource = readAttributes(fieldsOf(resourceMetrics['resource'])['attributes'])
    for (const scopeMetrics of listOf(resourceMetrics['scopeMetrics']))
      for (const metric of listOf(scopeMetrics['metrics'])) yield* readMetric(metric, resource)
  }
}

const KINDS: readonly (readonly [key: string, kind: OtlpData['kind']])[] = [
  ['gauge', 'gauge'],
  ['sum', 'sum'],
  ['histogram', 'histogram'],
  ['exponentialHistogram', 'exponential histogram'],
  ['summary', 'summary'],
]

function* readMetric(metric: Fields, resource: readonly OtlpAttribute[]): Generator<OtlpPoint | undefined> {
  const name = readText(metric['name'])
  const unit = readText(metric['unit'])
  for (const [key, kind] of KINDS) {
    const given = metric[key]
    if (!isFields(given)) continue
    for (const point of listOf(given['dataPoints'])) {
      if ((numberOf(point['flags']) ?? 0) % 2 === 1) continue
      const data = READERS[kind](point, given)
      if (data === undefined) yield undefined
      else {
        yield {
          resource,
          name,
          unit,
          attributes: readAttributes(point['attributes']),
          startMs: readTime(point['startTimeUnixNano']),
          timeMs: readTime(point['timeUnixNano']),
          data,
        }
      }
    }
  }
}

const READERS: Readonly<Record<OtlpData['kind'], (point: Fields, metric: Fields) => OtlpData | undefined>> = {
  gauge(point) {
    const value = numberOf(point['asDouble'] ?? point['asInt'])
    return value === undefined ? undefined : { kind: 'gauge', value }
  },

  sum(point, metric) {
    const value = numberOf(point['asDouble'] ?? point['asInt'])
    const temporality = readTemporality(metric)
    if (value === undefined || temporality === undefined) return undefined
    return { kind: 'sum', value, temporality, isMonotonic: metric['isMonotonic'] === true }
  },

  histogram(point, metric) {
    const temporality = readTemporality(metric)
    const bounds = numbersOf(point['explicitBounds'])
    const bucketCounts = numbersOf(point['bucketCounts'])
    if (temporality === undefined || bounds === undefined || bucketCounts === undefined) return undefined
    return { kind: 'histogram', temporality, ...readTotals(point), bounds, bucketCounts }
  },

  'exponential histogram'(point, metric) {
    const temporality = readTemporality(metric)
    const positive = readBuckets(point['positive'])
    const negative = readBuckets(point['negative'])
    if (temporality === undefined || positive === undefined || negative === undefined) return undefined
    return {
      kind: 'exponential histogram',
      temporality,
      ...readTotals(point),
      scale: numberOf(point['scale']) ?? 0,
      zeroCount: numberOf(point['zeroCount']) ?? 0,
      positive,
      negative,
    }
  },

  summary(point) {
    return {
      kind: 'summary',
      count: numberOf(point['count']) ?? 0,
      sum: numberOf(point['sum']) ?? 0,
      quantiles: listOf(point['quantileValues']).map((one) => ({
        quantile: numberOf(one['quantile']) ?? 0,
        value: numberOf(one['value']) ?? 0,
      })),
    }
  },
}

function readTotals(point: Fields) {
  return {
    count: numberOf(point['count']) ?? 0,
    sum: numberOf(point['sum']),
    min: numberOf(point['min']),
    max: numberOf(point['max']),
  }
}

function readTemporality(metric: Fields): Temporality | undefined {
  switch (metric['aggregationTemporality']) {
    case 1:
    case 'AGGREGATION_TEMPORALITY_DELTA':
      return 'delta'
    case 2:
    case 'AGGREGATION_TEMPORALITY_CUMULATIVE':
      return 'cumulative'
    default:
      return undefined
  }
}

function readBuckets(given: unknown): OtlpBuckets | undefined {
  if (given === undefined || given === null) return NO_BUCKETS
  const { offset, bucketCounts } = fieldsOf(given)
  const counts = numbersOf(bucketCounts)
  return counts === undefined ? undefined : { offset: numberOf(offset) ?? 0, counts }
}

function readAttributes(given: unknown): OtlpAttribute[] {
  return listOf(given).flatMap(({ key, value }): OtlpAttribute[] => {
    const text = valueOf(fieldsOf(value))
    return text === undefined ? [] : [[readText(key), text]]
  })
}

/** undefined: a list, a map or bytes. */
function valueOf({ stringValue, boolValue, intValue, doubleValue }: Fields): string | undefined {
  const value = stringValue ?? boolValue ?? intValue ?? doubleValue
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined
}

function readTime(given: unknown): number {
  return Math.round((numberOf(given) ?? 0) / NS_PER_MS)
}

/** `NaN` and infinities come as text, as 64-bit numbers do. */
function numberOf(given: unknown): number | undefined {
  if (typeof given === 'number') return given
  if (typeof given !== 'string' || !/^-?(\d+(\.\d+)?([eE][+-]?\d+)?|Infinity)$|^NaN$/.test(given))
    return undefined
  return Number(given)
}

function numbersOf(given: unknown): number[] | undefined {
  if (given === undefined || given === null) return []
  if (!Array.isArray(given)) return undefined
  const numbers = given.map(numberOf)
  return numbers.includes(undefined) ? undefined : (numbers as number[])
}

function readText(given: unknown): string {
  return typeof given === 'string' ? given : ''
}

function fieldsOf(given: unknown): Fields {
  return isFields(given) ? given : NO_FIELDS
}

function listOf(given: unknown): readonly Fields[] {
  return Array.isArray(given) ? given.filter(isFields) : []
}

function isFields(given: unknown): given is Fields {
  return typeof given === 'object' && given !== null && !Array.isArray(given)
}

const NO_FIELDS: Fields = {}
const TEXT = new TextDecoder()
const NS_PER_MS = 1_000_000
