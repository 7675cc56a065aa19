import fc from 'fast-check'
import { expect, test } from 'vitest'
import { StreamingReceiver } from './series-receivers.ts'

const SLOTS = { startMs: 1_000, stepMs: 10, count: 6 }
const ROLLUPS = ['sum', 'mean', 'min', 'max', 'last'] as const

const newMemory = (): Float64Array => new Float64Array(SLOTS.count).fill(Number.NaN)

function runOf(firstMs: number, stepMs: number, values: readonly number[]) {
  return { timesMs: Float64Array.from(values, (_, index) => firstMs + index * stepMs), values }
}

test('values that are kept, one for each slot, are not copied', () => {
  const receiver = new StreamingReceiver('mean', SLOTS, () => expect.fail('no memory is needed'))
  const { timesMs, values } = runOf(993, 10, [1, 2, 3, 4, 5, 6, 7, 8])
  const kept = Float64Array.from(values)
  receiver.receiveRun(timesMs, kept, 1, 7, 10)
  expect(receiver.finish()).toEqual(Float64Array.of(2, 3, 4, 5, 6, 7))
  expect(receiver.finish().buffer).toBe(kept.buffer)
})

/** What may come of a series in one pass: runs, single points and deletes. */
const event = fc.oneof(
  fc.record({
    kind: fc.constant('run' as const),
    firstMs: fc.integer({ min: 995, max: 1_060 }),
    stepMs: fc.constantFrom(5, 10, 20),
    values: fc.array(fc.constantFrom(1, -0, 2.5, Number.NaN), { minLength: 6, maxLength: 7 }),
  }),
  fc.record({ kind: fc.constant('point' as const), timeMs: fc.integer({ min: 1_000, max: 1_059 }) }),
  fc.record({ kind: fc.constant('forget' as const), startMs: fc.integer({ min: 900, max: 1_070 }) }),
)

test('whatever comes before and after them, they are what a copy would be, and stay as they are', () => {
  fc.assert(
    fc.property(fc.constantFrom(...ROLLUPS), fc.array(event, { maxLength: 4 }), (rollup, events) => {
      const copying = new StreamingReceiver(rollup, SLOTS, newMemory)
      const sharing = new StreamingReceiver(rollup, SLOTS, newMemory)
      const kept: (readonly [Float64Array, readonly number[]])[] = []
      for (const one of events) {
        if (one.kind === 'run') {
          const { timesMs, values } = runOf(one.firstMs, one.stepMs, one.values)
          const inRange = timesMs.filter((timeMs) => timeMs >= 1_000 && timeMs < 1_060)
          const start = timesMs.findIndex((timeMs) => timeMs >= 1_000)
          const column = Float64Array.from(values)
          kept.push([column, values])
          copying.receiveRun(timesMs, Float64Array.from(values), start, start + inRange.length)
          sharing.receiveRun(timesMs, column, start, start + inRange.length, one.stepMs)
        } else if (one.kind === 'point') {
          for (const receiver of [copying, sharing]) receiver.receive(one.timeMs, 7)
        } else {
          for (const receiver of [copying, sharing]) receiver.forget(one.startMs, one.startMs + 100)
        }
      }
      expect(sharing.isOutOfOrder).toBe(copying.isOutOfOrder)
      if (!copying.isOutOfOrder) expect(sharing.finish()).toEqual(copying.finish())
      for (const [column, values] of kept) expect([...column]).toEqual(values)
    }),
    {
      numRuns: 3_000,
      examples: [
        [
          'sum',
          [
            { kind: 'run', firstMs: 1_003, stepMs: 10, values: [1, 2.5, 1, 1, 1, 1] },
            { kind: 'point', timeMs: 1_058 },
          ],
        ],
      ],
    },
  )
})
