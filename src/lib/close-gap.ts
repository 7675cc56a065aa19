/**
 * Takes an entry out of an index with open addressing, whose entries stand at their home or behind it, 0 for none. What stands
 * behind the gap moves into it as far as it has to, so that everything is still found from its own home on.
 */
export function closeGap(index: Uint32Array, gapAt: number, homeOf: (entry: number) => number): void {
  const mask = index.length - 1
  let gap = gapAt
  for (let place = (gap + 1) & mask; index[place] !== 0; place = (place + 1) & mask) {
    const entry = index[place] as number
    if (((place - homeOf(entry)) & mask) < ((place - gap) & mask)) continue
    index[gap] = entry
    gap = place
  }
  index[gap] = 0
}
