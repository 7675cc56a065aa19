import type { OtlpAttribute, OtlpData, OtlpPoint } from './otlp-point.ts'

/** Points of one resource and of one metric each: they are written together. */
export interface ResourceGroup {
  readonly resource: readonly OtlpAttribute[]
  readonly metrics: readonly MetricGroup[]
}

export interface MetricGroup {
  readonly name: string
  readonly unit: string
  /** That of the first point: what it says of the metric goes for all. */
  readonly data: OtlpData
  readonly points: readonly OtlpPoint[]
}

export function groupPoints(points: readonly OtlpPoint[]): ResourceGroup[] {
  const resources = Map.groupBy(points, ({ resource }) => resource)
  return [...resources].map(([resource, ofResource]) => ({
    resource,
    metrics: [...Map.groupBy(ofResource, metricOf).values()].map((ofMetric): MetricGroup => {
      const { name, unit, data } = ofMetric[0] as OtlpPoint
      return { name, unit, data, points: ofMetric }
    }),
  }))
}

function metricOf({ name, unit, data }: OtlpPoint): string {
  const temporality = 'temporality' in data ? data.temporality : ''
  const isMonotonic = data.kind === 'sum' && data.isMonotonic
  return `${name}\n${unit}\n${data.kind}\n${temporality}\n${isMonotonic}`
}
