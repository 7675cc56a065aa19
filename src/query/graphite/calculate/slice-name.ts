/**
 * Some nodes of a name, from `start` up to and without `stop`; 0 is no stop. Negative numbers count from the end.
 *
 *   scale(sumSeries(a.b.c),2)   1   ->  b.c
 *                   ^^^^^ between the last parenthesis that opens and the first that closes, up to the first comma
 */
export function sliceName(name: string, start: number, stop: number): string {
  const open = name.lastIndexOf('(') + 1
  const close = name.indexOf(')')
  const inside = name.slice(open, close < 0 ? name.length : close)
  const nodes = inside.split('.')
  const kept = stop === 0 ? nodes.slice(start) : nodes.slice(start, stop)
  return kept.join('.').replace(/,.*$/, '')
}
