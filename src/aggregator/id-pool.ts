/** Small integers, each in use once at a time. What is given back is handed out again first, so they stay small. */
export class IdPool {
  #next = 0
  readonly #free: number[] = []

  take(): number {
    return this.#free.pop() ?? this.#next++
  }

  giveBack(id: number): void {
    this.#free.push(id)
  }
}
