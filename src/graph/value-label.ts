/** Which prefixes the labels of an axis have. */
export const UNIT_SYSTEMS = ['si', 'binary', 'sec', 'msec', 'none'] as const
export type UnitSystem = (typeof UNIT_SYSTEMS)[number]

/**
 * Labels of one axis: all in the same unit and with as many decimals as tell them apart. That of 0 is "0".
 *
 *   0, 500000, 1000000  ->  0, 0.5 M, 1.0 M          0, 30, 60, 90 (sec)  ->  0, 0.5 min ... as 30 s, 60 s, 90 s
 */
export function labelValues(values: readonly number[], unitSystem: UnitSystem): string[] {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const units = UNITS[unitSystem]
  const [size, unit] = chooseUnit(units, values, largest)
  const scaled = values.map((value) => value / size)
  const decimals = decimalsOf(scaled)
  return scaled.map((value) => {
    if (value === 0) return '0'
    const text = decimals === undefined ? shortest(value) : value.toFixed(decimals)
    return unit === '' ? text : `${text} ${unit}`
  })
}

/** One value by itself, with three digits that count. */
export function labelValue(value: number, unitSystem: UnitSystem): string {
  if (value === 0 || !Number.isFinite(value)) return String(value)
  const [size, unit] = UNITS[unitSystem].findLast(([least]) => Math.abs(value) >= least) ?? [1, '']
  const text = shortest(Number((value / size).toPrecision(3)))
  return unit === '' ? text : `${text} ${unit}`
}

/** Round steps from `least` on, rising as far as numbers go. */
export function* candidateSteps(unitSystem: UnitSystem, least: number): Generator<number> {
  if (unitSystem === 'sec' || unitSystem === 'msec') {
    const scale = unitSystem === 'sec' ? 1 : 1_000
    const steps = TIME_STEPS.map((step) => step * scale)
    if (least >= scale && least <= (steps.at(-1) ?? 0)) yield* steps.filter((step) => step >= least)
  }
  if (unitSystem === 'binary' && least >= 1) {
    for (let step = 2 ** Math.floor(Math.log2(least)); step < Number.POSITIVE_INFINITY; step *= 2)
      if (step >= least) yield step
  }
  const lowest = Math.max(-300, Math.floor(Math.log10(least)))
  for (let exponent = lowest; exponent < 308; exponent++) {
    for (const mantissa of [1, 2, 5]) {
      const step = Number(`${mantissa}e${exponent}`)
      if (step >= least * 0.999_999) yield step
    }
  }
}

type Unit = readonly [size: number, name: string]

/** Smallest first. */
const UNITS: Readonly<Record<UnitSystem, readonly Unit[]>> = {
  si: [
    [1, ''],
    [1e3, 'k'],
    [1e6, 'M'],
    [1e9, 'G'],
    [1e12, 'T'],
    [1e15, 'P'],
  ],
  binary: [
    [1, ''],
    [2 ** 10, 'Ki'],
    [2 ** 20, 'Mi'],
    [2 ** 30, 'Gi'],
    [2 ** 40, 'Ti'],
    [2 ** 50, 'Pi'],
  ],
  sec: [
    [1, 's'],
    [60, 'min'],
    [3_600, 'h'],
    [86_400, 'd'],
    [2_592_000, 'mo'],
    [31_536_000, 'y'],
  ],
  msec: [
    [1, 'ms'],
    [1e3, 's'],
    [60e3, 'min'],
    [3_600e3, 'h'],
    [86_400e3, 'd'],
    [2_592_000e3, 'mo'],
    [31_536_000e3, 'y'],
  ],
  none: [[1, '']],
}

const TIME_STEPS = [
  1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_200, 1_800, 3_600, 7_200, 10_800, 14_400, 21_600, 43_200,
  86_400, 172_800, 432_000, 604_800, 864_000, 2_592_000,
]

/** The largest in which the labels need two decimals at most. */
function chooseUnit(units: readonly Unit[], values: readonly number[], largest: number): Unit {
  const fitting = units.filter(([size]) => largest >= size)
  // Four digits are read faster than a fraction of a thousand: 600, 800, 1000.
  const isFourDigits = fitting.at(-1)?.[1] === 'k' && largest < 10_000
  if (isFourDigits && decimalsOf(values) === 0 && decimalsOf(values.map((value) => value / 1_000)) !== 0)
    return [1, '']
  const short = fitting.findLast(([size]) => {
    const decimals = decimalsOf(values.map((value) => value / size))
    return decimals !== undefined && decimals <= 2
  })
  return short ?? fitting.at(-1) ?? units[0] ?? [1, '']
}

/** undefined: more than can be written out. */
function decimalsOf(values: readonly number[]): number | undefined {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  if (largest >= 1e15) return undefined
  for (let decimals = 0; decimals <= 6; decimals++) {
    const factor = 10 ** decimals
    const noise = largest * factor * 1e-9
    if (values.every((value) => Math.abs(value * factor - Math.round(value * factor)) <= noise))
      return decimals
  }
  return undefined
}

/** As %g has it. */
function shortest(value: number): string {
  return String(Number(value.toPrecision(6)))
}
