import type { IntakeSample } from '../live.ts'

export interface IntakeTraceProps {
  readonly samples: readonly IntakeSample[]
  readonly isAmber: boolean
}

const WIDTH = 600
const HEIGHT = 72
const GROUND = 60
const SLOTS = 60

/** The pen of the kymograph: packets per second, the newest at the right. */
export function IntakeTrace({ samples, isAmber }: IntakeTraceProps) {
  const peak = samples.reduce((highest, sample) => Math.max(highest, sample.packetsPerSecond), 0)
  const pen = { x: WIDTH - 10, y: GROUND }
  const newest = samples.at(-1)
  if (newest !== undefined) pen.y = heightOf(newest, peak)
  return (
    <svg
      className={isAmber ? 'trace trace-amber' : 'trace'}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label="Packets per second over the last minute"
    >
      <path className="trace-ground" d={`M0 ${GROUND}H${WIDTH}`} vectorEffect="non-scaling-stroke" />
      <path className="trace-line" d={tracePath(samples, peak, pen.x)} vectorEffect="non-scaling-stroke" />
      <path className="trace-pen" d={`M${pen.x} ${pen.y}h0`} vectorEffect="non-scaling-stroke" />
    </svg>
  )
}

/** Each second with packets is a beat: up and back to the ground. */
function tracePath(samples: readonly IntakeSample[], peak: number, right: number): string {
  const slot = right / SLOTS
  let path = `M0 ${GROUND}H${(right - samples.length * slot).toFixed(1)}`
  samples.forEach((sample, i) => {
    const x = right - (samples.length - 1 - i) * slot
    path += `L${x.toFixed(1)} ${heightOf(sample, peak).toFixed(1)}`
  })
  return path
}

function heightOf(sample: IntakeSample, peak: number): number {
  return peak === 0 ? GROUND : GROUND - (sample.packetsPerSecond / peak) * (GROUND - 10)
}
