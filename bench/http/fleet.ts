import type { PointSet } from '../store/point-set.ts'

export const STEP_MS = 10_000

/** A fleet of hosts with one gauge of whole numbers each, `web.h0007.load`, up to some minutes ago. */
export function fleet(hosts: number, steps: number): PointSet {
  const endMs = Math.floor(Date.now() / 60_000) * 60_000 - 120_000
  const startMs = endMs - steps * STEP_MS
  const series = Array.from({ length: hosts }, (_, host) => ({
    name: `${hostName(host)}.load`,
    values: Float64Array.from({ length: steps }, (_step, step) => valueAt(host, step)),
  }))
  return { series, startMs, stepMs: STEP_MS, pointCount: hosts * steps }
}

export function hostName(host: number): string {
  return `web.h${String(host).padStart(4, '0')}`
}

/** A whole number, 200 to 863. */
export function valueAt(host: number, step: number): number {
  return (
    500 +
    Math.round(300 * Math.sin((step + host * 17) / 60)) +
    (Math.imul(host * 7_919 + step, 0x9e37_79b1) >>> 26)
  )
}
