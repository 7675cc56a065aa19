import { groupPoints, type MetricGroup } from './group-points.ts'
import type { OtlpLog } from './otlp-log.ts'
import type {
  OtlpAttribute,
  OtlpBuckets,
  OtlpData,
  OtlpExponentialHistogram,
  OtlpHistogram,
  OtlpPoint,
  Temporality,
} from './otlp-point.ts'

/** As encodeOtlpProtobuf, in OTLP's JSON. */
export function encodeOtlpJson(points: readonly OtlpPoint[], scope: string): string {
  return JSON.stringify({
    resourceMetrics: groupPoints(points).map(({ resource, metrics }) => ({
      resource: { attributes: attributesOf(resource) },
      scopeMetrics: [{ scope: { name: scope }, metrics: metrics.map(metricOf) }],
    })),
  })
}

/** As encodeLogsProtobuf, in OTLP's JSON. */
export function encodeLogsJson(logs: readonly OtlpLog[], scope: string): string {
  return JSON.stringify({
    resourceLogs: [...Map.groupBy(logs, ({ resource }) => resource)].map(([resource, ofResource]) => ({
      resource: { attributes: attributesOf(resource) },
      scopeLogs: [
        {
          scope: { name: scope },
          logRecords: ofResource.map(({ timeMs, severity, eventName, body, attributes }) => ({
            timeUnixNano: timeOf(timeMs),
            observedTimeUnixNano: timeOf(timeMs),
            severityNumber: severity,
            eventName,
            body: { stringValue: body },
            attributes: attributesOf(attributes),
          })),
        },
      ],
    })),
  })
}

const KEYS: Readonly<Record<OtlpData['kind'], string>> = {
  gauge: 'gauge',
  sum: 'sum',
  histogram: 'histogram',
  'exponential histogram': 'exponentialHistogram',
  summary: 'summary',
}

const TEMPORALITIES: Readonly<Record<Temporality, number>> = { delta: 1, cumulative: 2 }

function metricOf({ name, unit, data, points }: MetricGroup): object {
  return {
    name,
    unit,
    [KEYS[data.kind]]: {
      dataPoints: points.map(pointOf),
      ...('temporality' in data ? { aggregationTemporality: TEMPORALITIES[data.temporality] } : {}),
      ...(data.kind === 'sum' ? { isMonotonic: data.isMonotonic } : {}),
    },
  }
}

function pointOf({ attributes, startMs, timeMs, data }: OtlpPoint): object {
  return {
    attributes: attributesOf(attributes),
    ...(startMs > 0 ? { startTimeUnixNano: timeOf(startMs) } : {}),
    timeUnixNano: timeOf(timeMs),
    ...dataOf(data),
  }
}

function dataOf(data: OtlpData): object {
  switch (data.kind) {
    case 'gauge':
    case 'sum':
      return { asDouble: doubleOf(data.value) }
    case 'histogram':
      return {
        ...totalsOf(data),
        bucketCounts: data.bucketCounts.map(String),
        explicitBounds: data.bounds.map(doubleOf),
      }
    case 'exponential histogram':
      return {
        ...totalsOf(data),
        scale: data.scale,
        zeroCount: String(data.zeroCount),
        positive: bucketsOf(data.positive),
        negative: bucketsOf(data.negative),
      }
    case 'summary':
      return {
        count: String(data.count),
        sum: doubleOf(data.sum),
        quantileValues: data.quantiles.map(({ quantile, value }) => ({ quantile, value: doubleOf(value) })),
      }
  }
}

function totalsOf({ count, sum, min, max }: OtlpHistogram | OtlpExponentialHistogram): object {
  return {
    count: String(count),
    ...(sum === undefined ? {} : { sum: doubleOf(sum) }),
    ...(min === undefined ? {} : { min: doubleOf(min) }),
    ...(max === undefined ? {} : { max: doubleOf(max) }),
  }
}

function bucketsOf({ offset, counts }: OtlpBuckets): object {
  return { offset, bucketCounts: counts.map(String) }
}

function attributesOf(attributes: readonly OtlpAttribute[]): object[] {
  return attributes.map(([key, value]) => ({ key, value: { stringValue: value } }))
}

/** JSON has no other word for what is no number, and would lose the sign of zero. */
function doubleOf(value: number): number | string {
  if (Object.is(value, -0)) return '-0'
  return Number.isFinite(value) ? value : String(value)
}

function timeOf(timeMs: number): string {
  return String(BigInt(Math.round(timeMs)) * NS_PER_MS)
}

const NS_PER_MS = 1_000_000n
