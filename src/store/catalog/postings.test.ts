import fc from 'fast-check'
import { expect, test } from 'vitest'
import { atOnce } from '../../lib/slices.ts'
import { Postings } from './postings.ts'

function numbersOf(bits: Uint32Array): number[] {
  return Array.from({ length: bits.length * 32 }, (_, number) => number).filter(
    (number) => (((bits[number >>> 5] ?? 0) >>> (number & 31)) & 1) === 1,
  )
}

test('lists of any length, side by side, hold what was added', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 700 })), { maxLength: 40 }),
      (adds) => {
        const postings = new Postings()
        const plain = new Map<number, number[]>()
        let next = 0
        for (const [list, count] of adds) {
          const numbers = plain.get(list) ?? []
          for (let left = count; left > 0; left--) {
            postings.add(list, next)
            numbers.push(next++)
          }
          plain.set(list, numbers)
        }
        const even = new Uint32Array(Math.ceil(next / 32)).fill(0x5555_5555)
        for (const [list, numbers] of plain) {
          const bits = new Uint32Array(Math.ceil(next / 32))
          atOnce(postings.mark(list, bits))
          expect(numbersOf(bits)).toEqual(numbers)
          expect(postings.countOf(list)).toBe(numbers.length)
          expect(atOnce(postings.countIn(list, even))).toBe(numbers.filter((one) => one % 2 === 0).length)
        }
      },
    ),
    { numRuns: 30 },
  )
})

test('a long list is read in slices, while it and others grow', () => {
  const postings = new Postings()
  const count = 100_000
  for (let number = 0; number < count; number++) postings.add(0, number)
  const bits = new Uint32Array(Math.ceil(count / 32))
  let slices = 0
  for (const reading = postings.mark(0, bits); reading.next().done !== true; slices++)
    for (let more = 0; more < 50_000; more++) postings.add(more % 2, count + slices * 50_000 + more)
  expect(slices).toBeGreaterThan(1)
  expect(bits.every((word) => word === 0xffff_ffff)).toBe(true)
})

test('a list that nobody added to is empty', () => {
  const bits = new Uint32Array(4)
  const postings = new Postings()
  atOnce(postings.mark(7, bits))
  expect(numbersOf(bits)).toEqual([])
  expect(postings.countOf(100_000)).toBe(0)
})
