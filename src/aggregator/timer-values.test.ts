import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TimerValues } from './timer-values.ts'

test('values and weights are what came since the last clear', () => {
  const event = fc.tuple(fc.double({ noNaN: true }), fc.constantFrom(1, 1, 1, 2.5))
  fc.assert(
    fc.property(fc.array(fc.array(event, { maxLength: 40 }), { maxLength: 5 }), (intervals) => {
      const held = new TimerValues()
      for (const events of intervals) {
        for (const [value, weight] of events) held.add(value, weight)
        expect(held.count).toBe(events.length)
        expect([...held.values]).toEqual(events.map(([value]) => value))
        expect([...held.weights]).toEqual(events.map(([, weight]) => weight))
        held.clear()
      }
    }),
  )
})

test('the memory of a burst is given back, that of a steady stream is kept', () => {
  const held = new TimerValues()
  const memoryAfter = (count: number) => {
    for (let i = 0; i < count; i++) held.add(i, 1)
    const { buffer } = held.values
    held.clear()
    return buffer
  }
  const burst = memoryAfter(1_000)
  expect(memoryAfter(900)).toBe(burst)
  expect(memoryAfter(10)).toBe(burst)
  const small = memoryAfter(10)
  expect(small.byteLength).toBe(16 * 8)
  memoryAfter(0)
  expect(held.values.buffer.byteLength).toBe(0)
})
