import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KeyTable } from './key-table.ts'
import { collidingKeys } from '../aggregator/testdata/colliding-keys.ts'

const bytes = (key: string): Uint8Array => Buffer.from(key)

/** A table, and a map of the same beside it. */
class Pair {
  readonly table = new KeyTable()
  readonly slots = new Map<string, number>()

  use(key: string): void {
    const slot = this.table.use(bytes(key))
    const known = this.slots.get(key)
    if (known === undefined) expect([...this.slots.values()]).not.toContain(slot)
    else expect(slot).toBe(known)
    this.slots.set(key, slot)
  }

  giveBack(key: string): void {
    const slot = this.slots.get(key)
    if (slot === undefined) return
    this.table.giveBack(slot)
    this.slots.delete(key)
  }

  expectSame(): void {
    expect(this.table.size).toBe(this.slots.size)
    for (const [key, slot] of this.slots) {
      expect(this.table.find(bytes(key))).toBe(slot)
      expect(this.table.key(slot)).toBe(key)
    }
  }
}

// Few keys, of which some are all but equal, so that they meet again; some so long that memory grows and is tidied up.
const aKey = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', '.', 'é', '🙂', ';'), maxLength: 12 }),
  fc.integer({ min: 0, max: 40 }).map((index) => `${'long.'.repeat(400)}${index}`),
  fc.constantFrom(...collidingKeys(300)),
)

describe('a table of keys', () => {
  test('is a map from keys to small numbers, whatever is used and given back', () => {
    const aStep = fc.record({ key: aKey, isGivenBack: fc.boolean() })
    fc.assert(
      fc.property(fc.array(aStep, { maxLength: 400 }), (steps) => {
        const pair = new Pair()
        for (const { key, isGivenBack } of steps) {
          if (isGivenBack) pair.giveBack(key)
          else pair.use(key)
        }
        pair.expectSame()
        for (const { key } of steps) expect(pair.table.find(bytes(key))).toBe(pair.slots.get(key) ?? -1)
      }),
      { numRuns: 60 },
    )
  })

  test('hands out again what was given back, so that slots stay as few as keys', () => {
    const table = new KeyTable()
    for (let round = 0; round < 50; round++) {
      const slots = Array.from({ length: 100 }, (_, index) => table.use(bytes(`round.${round}.${index}`)))
      expect(new Set(slots).size).toBe(100)
      for (const slot of slots) table.giveBack(slot)
    }
    expect([table.slotLimit, table.size]).toEqual([100, 0])
    expect(table.find(bytes('round.49.7'))).toBe(-1)
  })

  test('finds each of many keys while it grows, and while others go', () => {
    const table = new KeyTable()
    const key = (index: number) => `series.${'x'.repeat(index % 60)}.${index}`
    const slots = Array.from({ length: 30_000 }, (_, index) => table.use(bytes(key(index))))
    for (let index = 0; index < 30_000; index += 3) table.giveBack(slots[index] ?? 0)
    for (let index = 0; index < 30_000; index++)
      expect(table.find(bytes(key(index)))).toBe(index % 3 === 0 ? -1 : slots[index])
    expect(table.size).toBe(20_000)
  })

  test('keys stay what they are when room is made', () => {
    const table = new KeyTable({ keys: 1_000, bytes: 10_000 })
    const key = (index: number) => (index === 5 ? '' : `series.${'x'.repeat(index % 60)}.${index}`)
    const slots = Array.from({ length: 3_000 }, (_, index) => table.use(bytes(key(index))))
    const isKept = (index: number) => index % 4 === 0 || (index > 1_000 && index < 1_300) || index === 5
    for (const [index, slot] of slots.entries()) if (!isKept(index)) table.giveBack(slot)
    // What went and comes again is behind the others.
    const added = Array.from({ length: 500 }, (_, index) => table.use(bytes(`new.${index}`)))
    for (const [index, slot] of slots.entries()) if (isKept(index)) expect(table.key(slot)).toBe(key(index))
    for (const [index, slot] of added.entries()) expect(table.key(slot)).toBe(`new.${index}`)
    const { keys, bytes: length } = table.room
    expect(keys).toBe(table.size)
    expect(length).toBe(
      [...slots.filter((_, index) => isKept(index)), ...added].reduce(
        (sum, slot) => sum + table.bytes(slot).length,
        0,
      ),
    )
  })

  test('orders keys by their bytes', () => {
    const table = new KeyTable()
    const keys = ['b', 'a', 'ab', '', 'a.b', 'é', '🙂', 'z', '\uffff']
    const slots = keys.map((key) => table.use(bytes(key))).toSorted((a, b) => table.compare(a, b))
    const wanted = keys.toSorted((a, b) => Buffer.compare(bytes(a), bytes(b)))
    expect(slots.map((slot) => table.key(slot))).toEqual(wanted)
  })

  test('takes keys that all collide, and loses none when some go', () => {
    const pair = new Pair()
    const keys = collidingKeys(1_000)
    for (const key of keys) pair.use(key)
    pair.expectSame()
    for (const key of keys.filter((_, index) => index % 3 === 0)) pair.giveBack(key)
    pair.expectSame()
    for (const key of keys) pair.use(key)
    for (let index = 0; index < 5_000; index++) pair.table.use(bytes(`other.${index}`))
    for (const key of keys) expect(pair.table.find(bytes(key))).toBe(pair.slots.get(key))
  })

  test('takes no longer for keys that collide than a few places each', () => {
    const milliseconds = (keys: readonly string[]): number => {
      const table = new KeyTable()
      const startMs = performance.now()
      for (const key of keys) table.use(bytes(key))
      for (const key of keys) expect(table.find(bytes(key)) >= 0).toBe(true)
      return performance.now() - startMs
    }
    const colliding = collidingKeys(20_000)
    const others = colliding.map((_, index) => `other.key.${index}`)
    milliseconds(others)
    // Each looked for behind all those before it, it would be hundreds of times as long.
    expect(milliseconds(colliding)).toBeLessThan(20 * milliseconds(others) + 50)
  })
})
