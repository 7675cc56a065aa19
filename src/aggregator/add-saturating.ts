/**
 * Adds two finite numbers; a sum too large for a double stays at the largest one. So no sender can make a counter or
 * gauge infinite or NaN. Adding nothing keeps -0.
 */
export function addSaturating(left: number, right: number): number {
  if (right === 0) return left
  const sum = left + right
  if (sum > Number.MAX_VALUE) return Number.MAX_VALUE
  if (sum < -Number.MAX_VALUE) return -Number.MAX_VALUE
  return sum
}
