import { roundTo } from './calculate/round.ts'

/**
 * Numbers as Python writes them: names and tags of series hold them, and dashboards match on names.
 */

/** `str(1.0)` is `1.0`, `str(1)` is `1`: numbers that are fractions by kind show it. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  const magnitude = Math.abs(value)
  if (magnitude !== 0 && (magnitude >= 1e16 || magnitude < 1e-4)) {
    return withPythonExponent(value.toExponential())
  }
  if (Number.isInteger(value)) return `${Object.is(value, -0) ? '-0' : value}.0`
  return String(value)
}

/** `%d`: towards zero. */
export function wholeText(value: number): string {
  if (!Number.isFinite(value)) return floatText(value)
  const whole = Math.trunc(value)
  return Number.isSafeInteger(whole) ? String(whole === 0 ? 0 : whole) : BigInt(whole).toString()
}

/** `%g`: six digits, without zeros at the end, with an exponent where that is shorter: `1e+06`. */
export function shortText(value: number): string {
  if (!Number.isFinite(value)) return floatText(value)
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const rounded = toSixDigits(value)
  const [digits = '', power = ''] = rounded.toExponential(5).split('e')
  const exponent = Number(power)
  if (exponent < -4 || exponent >= 6) return withPythonExponent(`${withoutZeros(digits)}e${power}`)
  return withoutZeros(rounded.toFixed(5 - exponent))
}

/** `%.2f`, with any number of digits: ties go to the even neighbour. */
export function fixedText(value: number, digits: number): string {
  if (!Number.isFinite(value)) return floatText(value)
  if (Math.abs(value) < 1e21) {
    const rounded = roundTo(value, digits)
    return Object.is(rounded, -0) ? `-${(0).toFixed(digits)}` : rounded.toFixed(digits)
  }
  return digits === 0 ? String(BigInt(value)) : `${BigInt(value)}.${'0'.repeat(digits)}`
}

/** JavaScript rounds exact ties upwards, Python to the even neighbour. */
function toSixDigits(value: number): number {
  const exponent = Math.floor(Math.log10(Math.abs(value)))
  return Math.abs(5 - exponent) > 20 ? value : roundTo(value, 5 - exponent)
}

function withoutZeros(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits
}

/** Two digits at least: `1e+21` stays, `1e-7` is `1e-07`. */
function withPythonExponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2')
}
