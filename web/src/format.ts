/** How numbers and durations are written on the page: short, steady in width, never wrong by a unit. */

/** `duration`: milliseconds. `bytes`: bytes. `rate`: per second. */
export type Unit = 'none' | 'duration' | 'bytes' | 'rate'

/** A number and its unit apart, so that the unit can be set smaller. */
export interface Quantity {
  readonly number: string
  readonly unit: string
}

const SCALES = [
  [1e18, 'E'],
  [1e15, 'P'],
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const

// Seconds go up to two minutes: "95 s" is read faster than "1.58 min".
const DURATIONS: readonly UnitScale[] = [
  { least: 86_400_000, size: 86_400_000, name: 'd' },
  { least: 3_600_000, size: 3_600_000, name: 'h' },
  { least: 120_000, size: 60_000, name: 'min' },
  { least: 1000, size: 1000, name: 's' },
  { least: 1, size: 1, name: 'ms' },
  { least: 0, size: 0.001, name: 'µs' },
]

const BYTES: readonly UnitScale[] = [
  { least: 1e12, size: 1e12, name: 'TB' },
  { least: 1e9, size: 1e9, name: 'GB' },
  { least: 1e6, size: 1e6, name: 'MB' },
  { least: 1e3, size: 1e3, name: 'kB' },
  { least: 0, size: 1, name: 'B' },
]

export function formatQuantity(value: number, unit: Unit): Quantity {
  const { size, name } = scaleOf(Math.abs(value), unit)
  return { number: formatNumber(value / size, unit === 'none' ? 4 : 3), unit: name }
}

export function formatWithUnit(value: number, unit: Unit): string {
  const quantity = formatQuantity(value, unit)
  return quantity.unit === '' ? quantity.number : `${quantity.number}\u00a0${quantity.unit}`
}

/** Short, with at most `digits` significant digits past the whole ones: 1,234 · 12.35k · 0.0021 · 1.2e-9. */
export function formatNumber(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return '–'
  const magnitude = Math.abs(value)
  if (magnitude === 0) return '0'
  if (magnitude < 1e-4 || magnitude >= 1e21) return value.toExponential(2).replace(/\.?0+e/, 'e')
  if (magnitude < 9999.5) return shorten(value, digits)
  for (const [size, suffix] of SCALES) {
    if (magnitude >= size * 0.99995) return shorten(value / size, digits) + suffix
  }
  return shorten(value, digits)
}

/** All digits of a count: 1,234,567. */
export function formatCount(value: number): string {
  return COUNT.format(value)
}

/** The labels of a value axis share one unit, that of the largest. */
export function formatAxisValues(values: readonly number[], unit: Unit): string[] {
  const largest = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0)
  const scale = scaleOf(largest, unit)
  return values.map((value) => {
    if (value === 0) return '0'
    const number = formatNumber(value / scale.size)
    return scale.name === '' ? number : `${number}\u00a0${scale.name}`
  })
}

/** `900` -> `15 min`, for ranges and steps. */
export function formatSpan(seconds: number): string {
  if (seconds < 1) return `${formatNumber(seconds * 1000)} ms`
  if (seconds < 120 && seconds !== 60) return `${formatNumber(seconds)} s`
  if (seconds < 7200 && seconds !== 3600) return `${formatNumber(seconds / 60)} min`
  if (seconds < 172_800) return `${formatNumber(seconds / 3600)} h`
  return `${formatNumber(seconds / 86_400)} d`
}

/** How long something lasts or is ago, in whole units: nobody wants to know of 2.917 min. */
export function formatAge(seconds: number): string {
  const whole = Math.max(0, seconds)
  if (whole < 1) return 'a moment'
  if (whole < 120) return `${Math.round(whole)} s`
  if (whole < 7200) return `${Math.round(whole / 60)} min`
  if (whole < 172_800) return `${Math.round(whole / 3600)} h`
  return `${formatCount(Math.round(whole / 86_400))} d`
}

interface UnitScale {
  /** Used from this magnitude on. */
  readonly least: number
  readonly size: number
  readonly name: string
}

const NO_UNIT: UnitScale = { least: 0, size: 1, name: '' }
const PER_SECOND: UnitScale = { least: 0, size: 1, name: '/s' }
const MILLISECONDS: UnitScale = { least: 0, size: 1, name: 'ms' }

function scaleOf(magnitude: number, unit: Unit): UnitScale {
  // What rounds up to a unit is written in it: 1 s rather than 1,000 ms.
  const isReached = ({ least }: UnitScale) => magnitude >= least * 0.99995
  switch (unit) {
    case 'duration':
      return (magnitude === 0 ? undefined : DURATIONS.find(isReached)) ?? MILLISECONDS
    case 'bytes':
      return BYTES.find(isReached) ?? NO_UNIT
    case 'rate':
      return PER_SECOND
    case 'none':
      return NO_UNIT
  }
}

/** Whole digits are never rounded away: 1,994 stays 1,994. */
function shorten(value: number, digits: number): string {
  const wholeDigits = Math.abs(value) < 1 ? 0 : Math.floor(Math.log10(Math.abs(value))) + 1
  return numberFormat(Math.max(digits, wholeDigits)).format(value)
}

/** Formats are dear to make, and readouts ask for several with every move of the pointer. */
function numberFormat(significantDigits: number): Intl.NumberFormat {
  return (
    NUMBERS[significantDigits] ?? new Intl.NumberFormat('en', { maximumSignificantDigits: significantDigits })
  )
}

/** By significant digits. */
const NUMBERS = Array.from({ length: 5 }, (_, digits) =>
  digits === 0 ? undefined : new Intl.NumberFormat('en', { maximumSignificantDigits: digits }),
)
const COUNT = new Intl.NumberFormat('en', { maximumFractionDigits: 3 })
