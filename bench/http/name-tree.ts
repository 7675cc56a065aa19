import type { PointSet } from '../store/point-set.ts'

/** Data centres with hosts that have metrics, `dc0.host0.metric0.rate`. */
export interface NameTree {
  readonly centres: number
  /** Of each centre. */
  readonly hosts: number
  /** Of each host. */
  readonly metrics: number
}

/** One point each, some minutes ago. */
export function pointsOf({ centres, hosts, metrics }: NameTree): PointSet {
  const values = Float64Array.of(1)
  const series = Array.from({ length: centres * hosts * metrics }, (_, index) => {
    const host = Math.floor(index / metrics)
    return {
      name: `dc${host % centres}.host${Math.floor(host / centres)}.metric${index % metrics}.rate`,
      values,
    }
  })
  const startMs = Math.floor(Date.now() / 60_000) * 60_000 - 120_000
  return { series, startMs, stepMs: 10_000, pointCount: series.length }
}
