/** A text with holes for what a pattern took out of a name: `$1`, or `${1}` where a digit follows. */
export interface Template {
  /** The numbers of the holes, in order; right ones count from 1. */
  readonly holes: readonly number[]
  /** The texts before, between and behind the holes. */
  readonly literals: readonly string[]
  fill(captures: readonly string[]): string
}

export function parseTemplate(text: string): Template {
  const literals: string[] = []
  const holes: number[] = []
  let literalStart = 0
  for (const match of text.matchAll(/\$(?:(\d+)|\{(\d+)\})/g)) {
    literals.push(text.slice(literalStart, match.index))
    holes.push(Number(match[1] ?? match[2]))
    literalStart = match.index + match[0].length
  }
  const last = text.slice(literalStart)
  return {
    holes,
    literals: [...literals, last],
    fill: (captures) =>
      holes.map((hole, index) => (literals[index] ?? '') + (captures[hole - 1] ?? '')).join('') + last,
  }
}
