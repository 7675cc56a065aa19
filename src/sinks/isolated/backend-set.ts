/** The members of a set as backends of etsy/statsd know them. */
export class BackendSet {
  /** As there: some look into it. */
  readonly store: Record<string, true> = {}
  /** Of a set with too many members to be kept, of which there are none here. */
  readonly #count: number | undefined

  constructor(members: readonly string[], count?: number) {
    for (const member of members) this.insert(member)
    this.#count = count
  }

  has(value: string): boolean {
    return Object.hasOwn(this.store, value)
  }

  insert(value: string): void {
    putOwn(this.store, value, true)
  }

  clear(): void {
    for (const member of Object.keys(this.store)) delete this.store[member]
  }

  values(): string[] {
    return Object.keys(this.store)
  }

  size(): number {
    return this.#count ?? Object.keys(this.store).length
  }
}

/** Names are from outside, and `__proto__` is one like any other. */
export function putOwn<Value>(object: Record<string, Value>, key: string, value: Value): void {
  if (key !== '__proto__') object[key] = value
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
}
