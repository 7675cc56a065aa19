import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SlotRollUp } from './slot-roll-up.ts'

test('points that come in runs come to what they come to one by one', () => {
  const run = fc.record({
    gapMs: fc.nat(30),
    distanceMs: fc.constantFrom(1, 5, 10, 10, 10, 20),
    values: fc.array(fc.oneof(fc.constantFrom(-0, 0, 1, Number.NaN), fc.double({ noNaN: true })), {
      minLength: 1,
      maxLength: 12,
    }),
  })
  const rollup = fc.constantFrom('sum', 'mean', 'min', 'max', 'last')
  fc.assert(
    fc.property(fc.array(run, { maxLength: 6 }), rollup, (runs, kind) => {
      const slots = { startMs: 100, stepMs: 10, count: 20 }
      const [inRuns, oneByOne] = [new SlotRollUp(kind, slots), new SlotRollUp(kind, slots)]
      let timeMs = 80
      for (const { gapMs, distanceMs, values } of runs) {
        timeMs += gapMs
        const times = values.map(() => (timeMs += distanceMs))
        // In the middle of longer columns.
        inRuns.addRun(Float64Array.of(0, ...times, 1), Float64Array.of(7, ...values, 7), 1, values.length + 1)
        for (const [index, value] of values.entries()) oneByOne.add(times[index] ?? 0, value)
      }
      expect(inRuns.finish()).toEqual(oneByOne.finish())
    }),
    { numRuns: 300 },
  )
})

test('a mean is of the points that are numbers', () => {
  const rolled = new SlotRollUp('mean', { startMs: 0, stepMs: 10, count: 3 })
  rolled.addRun(Float64Array.of(0, 10, 20), Float64Array.of(1, Number.NaN, -0), 0, 3)
  rolled.add(21, Number.NaN)
  expect([...rolled.finish()]).toEqual([1, Number.NaN, -0])
  const several = new SlotRollUp('mean', { startMs: 0, stepMs: 10, count: 2 })
  several.addRun(Float64Array.of(0, 2, 4, 12), Float64Array.of(1, 2, 6, 5), 0, 4)
  expect([...several.finish()]).toEqual([3, 5])
})
