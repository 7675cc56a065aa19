import { fixedText, floatText, shortText, wholeText } from '../number-text.ts'

/**
 * A text with one number in it, as Python's `template % value` writes it: `Channel %d`, `%5.1f%%`. undefined: the template does
 * not have exactly one place for a number, or one of another kind.
 */
export function formatNumber(template: string, value: number): string | undefined {
  let places = 0
  let isKnown = true
  const text = template.replace(
    PLACE,
    (place, flags?: string, width = '', precision?: string, kind?: string) => {
      if (place === '%%') return '%'
      places++
      const options = {
        width: Number(width),
        precision: precision === undefined ? undefined : Number(precision),
      }
      if (kind === undefined || options.width > MAX_WIDTH || (options.precision ?? 0) > MAX_PRECISION) {
        isKnown = false
        return place
      }
      return align(numberText(kind, value, options.precision), flags ?? '', options.width)
    },
  )
  return isKnown && places === 1 ? text : undefined
}

const PLACE = /%%|%(?:([-+ 0#]*)([0-9]*)(?:\.([0-9]*))?([diufFeEgGrs]))?/g
const MAX_WIDTH = 1_000
const MAX_PRECISION = 50

function numberText(kind: string, value: number, precision: number | undefined): string {
  switch (kind) {
    case 'f':
    case 'F':
      return fixedText(value, precision ?? 6)
    case 'e':
      return exponentText(value, precision ?? 6)
    case 'E':
      return exponentText(value, precision ?? 6).toUpperCase()
    case 'g':
      return generalText(value, precision)
    case 'G':
      return generalText(value, precision).toUpperCase()
    case 's':
    case 'r':
      return precision === undefined ? floatText(value) : floatText(value).slice(0, precision)
    default:
      return wholeText(value)
  }
}

function exponentText(value: number, digits: number): string {
  if (!Number.isFinite(value)) return floatText(value)
  return value.toExponential(digits).replace(/e([+-])(\d)$/, 'e$10$2')
}

function generalText(value: number, precision: number | undefined): string {
  if (precision === undefined || precision === 6 || !Number.isFinite(value)) return shortText(value)
  const digits = Math.max(precision, 1)
  const [mantissa = '', exponent = ''] = value.toExponential(digits - 1).split('e')
  const power = Number(exponent)
  if (power < -4 || power >= digits)
    return `${withoutZeros(mantissa)}e${exponent}`.replace(/e([+-])(\d)$/, 'e$10$2')
  return withoutZeros(fixedText(value, Math.max(0, digits - 1 - power)))
}

function withoutZeros(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits
}

function align(text: string, flags: string, width: number): string {
  const sign = text.startsWith('-') ? '' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
  const signed = sign + text
  if (flags.includes('-')) return signed.padEnd(width)
  if (!flags.includes('0')) return signed.padStart(width)
  const head = /^[-+ ]?/.exec(signed)?.[0] ?? ''
  return head + signed.slice(head.length).padStart(width - head.length, '0')
}
