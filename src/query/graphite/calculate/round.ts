/**
 * Rounds as Python does: to so many digits after the point, before it if negative, exact ties to the even neighbour. The value that
 * is rounded is the one that the double holds: 2.675 lies below the tie of two digits.
 */
export function roundTo(value: number, digits: number): number {
  if (!Number.isFinite(value) || value === 0) return value
  if (digits > MOST_DIGITS) return value
  if (digits < -MOST_DIGITS) return 0
  const factor = 10 ** Math.abs(digits)
  const scaled = digits >= 0 ? value * factor : value / factor
  if (Math.abs(scaled) < EXACT_LIMIT && isFarFromTie(scaled)) {
    const whole = Math.round(scaled)
    return digits >= 0 ? whole / factor : whole * factor
  }
  return digits >= 0 ? roundByText(value, digits) : roundBefore(value, factor)
}

/** Powers of ten up to here are exact. */
const MOST_DIGITS = 22
const EXACT_LIMIT = 2 ** 46

function isFarFromTie(scaled: number): boolean {
  return Math.abs(scaled - Math.floor(scaled) - 0.5) > 0.01
}

/** The exact decimals of the double say on which side of the tie it is. */
function roundByText(value: number, digits: number): number {
  if (Math.abs(value) >= 2 ** 52) return value
  const text = Math.abs(value).toFixed(Math.min(100, digits + 50))
  const cut = text.indexOf('.') + 1 + digits
  const tail = text.slice(cut)
  const kept = text.slice(0, cut).replace('.', '')
  const isUp = tail[0] === '5' && /^50*$/.test(tail) ? Number(kept.at(-1)) % 2 === 1 : (tail[0] ?? '0') >= '5'
  const whole = BigInt(kept) + (isUp ? 1n : 0n)
  return Math.sign(value) * Number(`${whole}e-${digits}`)
}

function roundBefore(value: number, factor: number): number {
  const lower = Math.floor(value / factor)
  const distance = value - lower * factor
  const isUp = distance === factor / 2 ? lower % 2 !== 0 : distance > factor / 2
  return (isUp ? lower + 1 : lower) * factor
}
