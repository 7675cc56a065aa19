import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ListNumbers } from './list-numbers.ts'
import { atOnce } from './slices.ts'

const itemsOf = (count: number) => Array.from({ length: count }, (_, place) => ({ place }))

/** Gives out numbers, and counts how often it is asked. */
function desk() {
  const numbers = new Map<object, number>()
  let next = 0
  return {
    asked: 0,
    look(item: object): number {
      this.asked++
      const number = numbers.get(item) ?? next++
      numbers.set(item, number)
      return number
    },
    numberOf: (item: object) => numbers.get(item),
    move: (item: object) => numbers.set(item, next++),
  }
}

test.each([
  ['nothing', (all: object[]) => [...all], 0],
  ['one that is new', (all: object[]) => [...all.slice(0, 700), {}, ...all.slice(700)], 1],
  ['one that has gone', (all: object[]) => all.toSpliced(700, 1), 0],
  ['some that have gone', (all: object[]) => all.toSpliced(100, 20), 0],
  ['many that are new', (all: object[]) => [...itemsOf(3_000), ...all], 3_000],
  ['many that have gone', (all: object[]) => all.slice(1_500), 255],
])('but for %s, a list that is like the one before costs no look', (_, changed, looks) => {
  const known = new ListNumbers<object>()
  const numbers = desk()
  const all: object[] = itemsOf(2_000)
  const look = (item: object) => numbers.look(item)
  atOnce(known.follow(all, look))
  expect(numbers.asked).toBe(2_000)
  numbers.asked = 0
  const list = changed(all)
  expect([...atOnce(known.follow(list, look))]).toEqual(list.map(numbers.numberOf))
  expect(numbers.asked).toBeLessThanOrEqual(looks)
  numbers.asked = 0
  expect(atOnce(known.follow(list, look))).toBe(atOnce(known.follow(list, look)))
  expect(numbers.asked).toBe(0)
})

test('whatever the lists are, and whatever is forgotten between slices, each number is true when it is used', () => {
  const all = itemsOf(1_200)
  const list = fc.record({
    from: fc.nat(1_199),
    to: fc.nat(1_199),
    isReversed: fc.boolean(),
    isAgain: fc.boolean(),
    isCleared: fc.boolean(),
    moved: fc.array(fc.nat(1_199), { maxLength: 5 }),
    slicesBefore: fc.nat(4),
  })
  fc.assert(
    fc.property(fc.array(list, { maxLength: 12 }), (steps) => {
      const known = new ListNumbers<object>()
      const numbers = desk()
      let last: readonly object[] = []
      for (const { from, to, isReversed, isAgain, isCleared, moved, slicesBefore } of steps) {
        const part = all.slice(Math.min(from, to), Math.max(from, to))
        if (!isAgain) last = isReversed ? part.reverse() : part
        let index = 0
        const slices = known.follow(
          last,
          (item) => numbers.look(item),
          (number) => expect(number).toBe(numbers.numberOf(last[index++] as object)),
        )
        for (let slice = 0; slice < slicesBefore; slice++) slices.next()
        for (const place of moved) {
          const number = numbers.numberOf(all[place] as object)
          if (number === undefined) continue
          if (!isCleared) known.forget(number)
          numbers.move(all[place] as object)
        }
        if (isCleared) known.clear()
        atOnce(slices)
        expect(index).toBe(last.length)
      }
    }),
  )
})
