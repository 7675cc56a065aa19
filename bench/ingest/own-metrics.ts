/** What `GET /metrics` answers: the value of each line by all that stands before it. */
export class OwnMetrics {
  readonly #values = new Map<string, number>()

  constructor(text: string) {
    for (const line of text.split('\n')) {
      const space = line.lastIndexOf(' ')
      if (!line.startsWith('#') && space > 0)
        this.#values.set(line.slice(0, space), Number(line.slice(space + 1)))
    }
  }

  /** The sum over all series of a name whose labels hold this text. */
  sum(name: string, label = ''): number {
    let sum = 0
    for (const [series, value] of this.#values) {
      if (series !== name && !series.startsWith(`${name}{`)) continue
      if (series.includes(label)) sum += value
    }
    return sum
  }
}
