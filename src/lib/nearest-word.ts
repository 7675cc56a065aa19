/**
 * The word somebody most likely meant, or undefined if none is near: the same but for case and separators, or a third
 * of its letters away at most. Distance counts a letter added, left out, changed, or swapped with its neighbour.
 */
export function nearestWord(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > LONGEST_WORD) return undefined
  const wanted = plain(word)
  let nearest: string | undefined
  let nearestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(wanted, plain(candidate))
    if (distance < nearestDistance) {
      nearest = candidate
      nearestDistance = distance
    }
  }
  return nearest
}

/** ` (did you mean "x"?)` or nothing: the end of a sentence. */
export function didYouMean(word: string, candidates: Iterable<string>, prefix = ''): string {
  const nearest = nearestWord(word, candidates)
  return nearest === undefined ? '' : `; did you mean "${prefix}${nearest}"?`
}

const LONGEST_WORD = 64

function plain(word: string): string {
  return word.toLowerCase().replace(/[-_.\s]/g, '')
}

/** Row by row of the usual table; `beforePrevious` is there for swapped neighbours. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1]
      let distance = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (isSame ? 0 : 1),
      )
      const isSwapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (isSwapped) distance = Math.min(distance, at(beforePrevious, column - 2) + 1)
      current.push(distance)
    }
    beforePrevious = previous
    previous = current
  }
  return at(previous, b.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}
