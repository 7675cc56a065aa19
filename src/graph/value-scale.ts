import { candidateSteps, labelValues, type UnitSystem } from './value-label.ts'

/** How values lie on a vertical axis. */
export interface ValueScale {
  /** The share of the axis' height that a value lies at: 0 is the bottom, 1 the top. NaN: it has no place. */
  place(value: number): number
  readonly ticks: readonly ValueTick[]
  /** Lines between those of the ticks, where there are to be any. */
  readonly minorValues: readonly number[]
  /** Where areas end: 0, or what is nearest to it on the axis. */
  readonly base: number
}

export interface ValueTick {
  readonly value: number
  readonly label: string
}

export interface ScaleRequest {
  /** Of what is drawn; undefined: there is nothing. */
  readonly range: ValueRange | undefined
  readonly min: number | undefined
  /** `max`: where the data ends, and not at the next line. */
  readonly max: number | 'max' | undefined
  /** The axis does not go further, whatever the data. */
  readonly limit: number | undefined
  readonly step: number | undefined
  /** In how many parts the axis may be divided. */
  readonly divisors: readonly number[]
  readonly unitSystem: UnitSystem
  readonly logBase: number | undefined
  /** Lines between two of the axis. */
  readonly minorLines: number
}

export interface ValueRange {
  readonly min: number
  readonly max: number
}

/** What lies further away is drawn as if it were here: the sum of two such still is a number. */
const FARTHEST = 1e300
const MOST_TICKS = 60

export function createValueScale(request: ScaleRequest): ValueScale {
  const { logBase } = request
  return logBase === undefined ? linearScale(request) : logScale(request, logBase)
}

/**
 * Of steps of 1, 2 and 5 times a power of ten, the one that leaves the least of the axis empty when it is divided in as many parts as
 * one of the divisors says.
 */
export function chooseStep(
  { min, max }: ValueRange,
  divisors: readonly number[],
  unitSystem: UnitSystem,
): { readonly step: number; readonly bottom: number; readonly top: number } {
  const variance = max - min
  if (!(variance > 0)) throw new Error(`BUG: ${min} to ${max} is no range`)
  const most = Math.max(...divisors)
  const least = Math.min(...divisors)
  let best: { step: number; bottom: number; top: number; slop: number } | undefined
  for (const step of candidateSteps(unitSystem, variance / most)) {
    if (best !== undefined && step * least >= 2 * best.slop + variance) break
    for (const divisor of divisors) {
      const bottom = step * Math.floor(min / step + ROUNDING)
      const top = bottom + step * divisor
      if (top < max - step * ROUNDING) continue
      const slop = Math.max(top - max, min - bottom)
      if (best === undefined || slop < best.slop) best = { step, bottom, top, slop }
    }
  }
  if (best === undefined) throw new Error(`BUG: no step divides ${min} to ${max}`)
  return best
}

/** Quotients that are whole but for what floating point makes of them. */
const ROUNDING = 1e-9

function linearScale(request: ScaleRequest): ValueScale {
  const range = limitedRange(request)
  let { step, bottom, top } = chooseStep(range, request.divisors, request.unitSystem)
  if (request.step !== undefined) {
    step = request.step
    while ((range.max - range.min) / step > MOST_TICKS) step *= 2
    bottom = step * Math.floor(range.min / step + ROUNDING)
    top = step * Math.ceil(range.max / step - ROUNDING)
    if (top <= bottom) top = bottom + step
  }
  if (request.min !== undefined) bottom = range.min
  if (request.max !== undefined || (request.limit !== undefined && top > request.limit)) top = range.max

  const span = top - bottom
  const values: number[] = []
  const first = Math.ceil(bottom / step - ROUNDING)
  for (let i = 0; i <= MOST_TICKS; i++) {
    const value = roundTo(step, first + i)
    if (value > top + step * ROUNDING) break
    values.push(value)
  }
  const labels = labelValues(values, request.unitSystem)
  const minorStep = step / (request.minorLines + 1)
  const minorValues: number[] = []
  for (let i = Math.ceil(bottom / minorStep); request.minorLines > 0 && i * minorStep < top; i++) {
    if (i % (request.minorLines + 1) !== 0) minorValues.push(i * minorStep)
  }
  return {
    place: (value) => (clamp(value) - bottom) / span,
    ticks: values.map((value, i) => ({ value, label: labels[i] ?? '' })),
    minorValues,
    base: Math.min(top, Math.max(bottom, 0)),
  }
}

/** Of what is drawn, as far as the request lets the axis go; never empty. */
function limitedRange({ range, min: wantedMin, max: wantedMax, limit }: ScaleRequest): ValueRange {
  const wantedTop = typeof wantedMax === 'number' ? wantedMax : undefined
  const min = clamp(wantedMin ?? range?.min ?? 0)
  const max = clamp(Math.min(wantedTop ?? range?.max ?? 1, limit ?? Number.POSITIVE_INFINITY))
  const magnitude = Math.max(Math.abs(min), Math.abs(max))
  if (max - min > magnitude * 1e-12 && max - min > 1e-290) return { min, max }
  // One value, or none: what the request says of an end holds, and the other one makes way.
  const room = Math.max(1, magnitude * 0.1)
  if (wantedMin !== undefined) return { min, max: min + room }
  if (wantedTop !== undefined || max < min) return { min: max - room, max }
  return magnitude < 1e-280 ? { min: 0, max: 1 } : { min: min - magnitude * 0.1, max: max + magnitude * 0.1 }
}

/** Powers of the base. What is not above 0 has no place. */
function logScale(request: ScaleRequest, base: number): ValueScale {
  const { range } = request
  const wantedMin = request.min !== undefined && request.min > 0 ? request.min : undefined
  const min = Math.min(FARTHEST, Math.max(wantedMin ?? range?.min ?? 1, Number.MIN_VALUE))
  const limitedMax = Math.min(
    typeof request.max === 'number' ? request.max : (range?.max ?? base),
    request.limit ?? Infinity,
  )
  const power = (value: number): number => Math.log(value) / Math.log(base)
  const bottom = wantedMin === undefined ? Math.floor(power(min) + ROUNDING) : power(min)
  const exactTop = power(Math.min(FARTHEST, Math.max(limitedMax, min)))
  const top = Math.max(
    request.max === undefined && request.limit === undefined ? Math.ceil(exactTop - ROUNDING) : exactTop,
    bottom + 1,
  )
  const every = Math.max(1, Math.ceil((top - bottom) / 10))
  const values: number[] = []
  for (let exponent = Math.ceil(bottom - ROUNDING); exponent <= top + ROUNDING; exponent += every) {
    const value = base ** exponent
    if (value > 0 && Number.isFinite(value)) values.push(value)
  }
  return {
    place: (value) => (value > 0 ? (power(value) - bottom) / (top - bottom) : Number.NaN),
    ticks: values.map((value) => ({ value, label: labelValues([value], request.unitSystem)[0] ?? '' })),
    minorValues: [],
    base: base ** bottom,
  }
}

/** step x count without the noise of floating point: 0.1 x 3 is 0.3. */
function roundTo(step: number, count: number): number {
  return Number((step * count).toPrecision(12))
}

function clamp(value: number): number {
  return Math.min(FARTHEST, Math.max(-FARTHEST, value))
}
