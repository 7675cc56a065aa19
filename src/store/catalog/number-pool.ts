import { NumberStack } from '../../lib/number-stack.ts'

/**
 * Numbers that were used and can be again, once nobody is looking who may have met them before. Whoever looks through what the
 * numbers stand for, and may be interrupted, says when it begins and ends. Those who began while a number was still in use
 * are waited for, those who come later are not: there are two periods, and the older ends with the last of its lookers.
 */
export class NumberPool {
  readonly #free: NumberStack[] = []
  /** Given back in this period, and in the one before. */
  #resting = new NumberStack()
  #leaving = new NumberStack()
  /** How many look that began in this period, or in the one before; by parity. */
  readonly #looking: [number, number] = [0, 0]
  #period = 0

  /** undefined: there is none. */
  take(): number | undefined {
    const last = this.#free.at(-1)
    const number = last?.pop()
    if (last?.length === 0) this.#free.pop()
    return number
  }

  giveBack(number: number): void {
    if (this.#looking[0] + this.#looking[1] > 0) this.#resting.push(number)
    else {
      if (this.#free.length === 0) this.#free.push(new NumberStack())
      this.#free.at(-1)?.push(number)
    }
  }

  /** Returns what `endLooking` has to be told. */
  beginLooking(): number {
    const parity = this.#period & 1
    this.#looking[parity] = (this.#looking[parity] as number) + 1
    return parity
  }

  endLooking(parity: number): void {
    this.#looking[parity] = (this.#looking[parity] as number) - 1
    // After two periods without anybody, all are free.
    for (let turn = 0; turn < 2 && this.#looking[(this.#period + 1) & 1] === 0; turn++) {
      if (this.#leaving.length > 0) this.#free.push(this.#leaving)
      this.#leaving = this.#resting
      this.#resting = new NumberStack()
      this.#period++
    }
  }
}
