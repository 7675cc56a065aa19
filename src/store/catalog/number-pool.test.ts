import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NumberPool } from './number-pool.ts'

test('what nobody looks at is given again at once', () => {
  const pool = new NumberPool()
  pool.giveBack(7)
  pool.giveBack(8)
  expect([pool.take(), pool.take(), pool.take()]).toEqual([8, 7, undefined])
})

test('whoever may have met a number is waited for, and nobody else', () => {
  const pool = new NumberPool()
  const first = pool.beginLooking()
  pool.giveBack(7)
  const second = pool.beginLooking()
  expect(pool.take()).toBeUndefined()
  pool.endLooking(first)
  pool.giveBack(8)
  const third = pool.beginLooking()
  pool.endLooking(second)
  expect(pool.take()).toBe(7)
  pool.endLooking(third)
  expect(pool.take()).toBe(8)
  expect(pool.take()).toBeUndefined()
})

test('in whatever order: none too early, all at last', () => {
  const action = fc.constantFrom('begin', 'end', 'use', 'giveBack')
  fc.assert(
    fc.property(fc.array(fc.tuple(action, fc.nat()), { maxLength: 80 }), (actions) => {
      const pool = new NumberPool()
      /** Who looks, and what was in use when it began. */
      const lookers: { parity: number; met: Set<number> }[] = []
      const inUse: number[] = []
      let limit = 0
      for (const [kind, pick] of actions) {
        if (kind === 'begin') lookers.push({ parity: pool.beginLooking(), met: new Set(inUse) })
        else if (kind === 'end') {
          const [looker] = lookers.splice(pick % (lookers.length || 1), 1)
          if (looker !== undefined) pool.endLooking(looker.parity)
        } else if (kind === 'use') {
          const number = pool.take() ?? limit++
          for (const { met } of lookers) expect(met.has(number)).toBe(false)
          expect(inUse).not.toContain(number)
          inUse.push(number)
        } else {
          const [number] = inUse.splice(pick % (inUse.length || 1), 1)
          if (number !== undefined) pool.giveBack(number)
        }
      }
      for (const { parity } of lookers) pool.endLooking(parity)
      for (let left = limit - inUse.length; left > 0; left--) expect(pool.take()).toBeDefined()
      expect(pool.take()).toBeUndefined()
    }),
  )
})
