import { type Spread, spreadOf } from './spread.ts'

/** Figures of several rounds, by name. A name carries its unit. */
export class Rounds {
  readonly #values = new Map<string, number[]>()

  add(figures: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(figures)) {
      const values = this.#values.get(name)
      if (values === undefined) this.#values.set(name, [value])
      else values.push(value)
    }
  }

  median(name: string): number {
    return spreadOf(this.#of(name)).median
  }

  spreads(): Record<string, Spread> {
    return Object.fromEntries([...this.#values.keys()].map((name) => [name, spreadOf(this.#of(name))]))
  }

  #of(name: string): readonly number[] {
    const values = this.#values.get(name)
    if (values === undefined) throw new Error(`BUG: no round has the figure ${name}`)
    return values
  }
}
