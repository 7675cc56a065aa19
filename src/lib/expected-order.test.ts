import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ExpectedOrder } from './expected-order.ts'

const item = (name: string) => ({ name })
const [a, b, c] = [item('a'), item('b'), item('c')]

test('what comes in the order of before is known at once, and what comes in between is not', () => {
  const order = new ExpectedOrder()
  for (const [number, one] of [a, b].entries()) {
    expect(order.next(one)).toBe(-1)
    order.learn(one, number)
  }
  expect([a, b, a, b].map((one) => order.next(one))).toEqual([0, 1, 0, 1])
  expect(order.next(c)).toBe(-1)
})

test("a number that is nobody's any more answers for nobody, and neither does any after `clear`", () => {
  const order = new ExpectedOrder()
  for (const [number, one] of [a, b, a].entries()) order.learn(one, number % 2)
  order.forget(1)
  expect(order.next(b)).toBe(-1)
  order.learn(b, 1)
  expect(order.next(a)).toBe(0)
  order.clear()
  expect(order.next(b)).toBe(-1)
})

test('whatever comes, what it knows is what it was told last', () => {
  const items = Array.from({ length: 40 }, (_, index) => item(`${index}`))
  const step = fc.record({ place: fc.nat(39), number: fc.nat(3_000), isForgotten: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const order = new ExpectedOrder()
      const owners = new Map<number, object>()
      for (const { place, number, isForgotten } of steps) {
        const one = items[place] as object
        const known = order.next(one)
        if (known >= 0) expect(owners.get(known)).toBe(one)
        else {
          order.learn(one, number)
          owners.set(number, one)
        }
        if (isForgotten) {
          order.forget(number)
          owners.delete(number)
        }
      }
    }),
  )
})
