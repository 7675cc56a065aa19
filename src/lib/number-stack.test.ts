import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NumberStack } from './number-stack.ts'

test('it is a stack, also where its pieces begin and end', () => {
  // How many are put in (or, below 0, taken out) one after the other.
  const moves = fc.array(fc.oneof(fc.integer({ min: -5_000, max: 5_000 }), fc.integer({ min: -3, max: 3 })), {
    maxLength: 12,
  })
  fc.assert(
    fc.property(moves, (list) => {
      const stack = new NumberStack()
      const model: number[] = []
      let next = 0
      for (const move of list) {
        for (let index = 0; index < move; index++) {
          stack.push(next)
          model.push(next++)
        }
        for (let index = 0; index > move; index--) expect(stack.pop()).toBe(model.pop())
        expect(stack.length).toBe(model.length)
      }
      expect([...stack]).toEqual(model)
    }),
    { numRuns: 30 },
  )
})
