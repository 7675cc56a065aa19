// What a store that is being broken has to hold: what was acknowledged, to the bit, and of what was under way either all,
// some or none.
import type { Engine } from '../../engine.ts'
import { HISTORY_STEP_MS, keysBefore, type Operation, timeOf } from './history.ts'

/** A cell is a slot of a series. undefined: nothing there. */
type Value = number | undefined

export class StoreModel {
  /** By key, by slot. */
  readonly #known = new Map<string, Map<number, Value>>()
  /** Done, and not known to be safe. */
  #pending: Operation[] = []
  #stepCount = 0
  /** Cells that were held against the store so far. */
  checkedCells = 0

  /** The store was asked for this; whether it did it is not known. */
  attempted(step: number, operation: Operation): void {
    this.#stepCount = Math.max(this.#stepCount, step + 1)
    this.#pending.push(operation)
  }

  /** All that was attempted is safe. */
  acknowledged(): void {
    for (const operation of this.#pending)
      for (const [key, slot, value] of effectsOf(operation)) this.#cells(key).set(slot, value)
    this.#pending = []
  }

  /** Compares the store with what it has to hold. Answers what is wrong, in words. */
  differences(engine: Engine): Promise<string[]> {
    return this.#compare(engine, () => {})
  }

  /** The same of a store that was opened anew: what it holds now it has to go on holding. */
  async settle(engine: Engine): Promise<string[]> {
    const differences = await this.#compare(engine, (key, slot, value) => this.#cells(key).set(slot, value))
    this.#pending = []
    return differences
  }

  async #compare(
    engine: Engine,
    found: (key: string, slot: number, value: Value) => void,
  ): Promise<string[]> {
    const possible = this.#possible()
    const keys = keysBefore(this.#stepCount)
    const range = { startMs: timeOf(0), endMs: timeOf(this.#stepCount) }
    const series = keys.map((key) => ({ key, rollup: 'last' as const }))
    const differences: string[] = []
    for await (const { key, values } of engine.read({ series, range, stepMs: HISTORY_STEP_MS })) {
      for (const [slot, stored] of values.entries()) {
        const value = Number.isNaN(stored) ? undefined : stored
        const wanted = this.#cells(key).get(slot)
        const others = possible.get(`${key} ${slot}`) ?? []
        this.checkedCells += 1
        if (![wanted, ...others].some((candidate) => Object.is(candidate, value)))
          differences.push(`${key}[${slot}] is ${value}, not ${[wanted, ...others].join(' or ')}`)
        found(key, slot, value)
      }
    }
    return differences
  }

  /** What cells may hold besides what is known of them. */
  #possible(): Map<string, Value[]> {
    const possible = new Map<string, Value[]>()
    for (const operation of this.#pending) {
      for (const [key, slot, value] of effectsOf(operation)) {
        const values = possible.get(`${key} ${slot}`)
        if (values === undefined) possible.set(`${key} ${slot}`, [value])
        else values.push(value)
      }
    }
    return possible
  }

  #cells(key: string): Map<number, Value> {
    const cells = this.#known.get(key) ?? new Map<number, Value>()
    this.#known.set(key, cells)
    return cells
  }
}

function effectsOf(operation: Operation): [key: string, slot: number, value: Value][] {
  if (operation.kind !== 'delete') return operation.cells.map(({ key, slot, value }) => [key, slot, value])
  const slots = Array.from({ length: operation.toSlot - operation.fromSlot }, (_, index) => index)
  return operation.keys.flatMap((key) =>
    slots.map((index): [string, number, Value] => [key, operation.fromSlot + index, undefined]),
  )
}
