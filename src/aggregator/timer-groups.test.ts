import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TimerGroups } from './timer-groups.ts'

interface Row {
  readonly id: number
  readonly value: number
  readonly weight: number
}

function columnsOf(rows: readonly Row[], hasWeights: boolean) {
  return {
    ids: Uint32Array.from(rows, ({ id }) => id),
    values: Float64Array.from(rows, ({ value }) => value),
    weights: hasWeights ? Float64Array.from(rows, ({ weight }) => weight) : new Float64Array(0),
  }
}

/** Copies, for what is handed out is good for a moment only. */
function grouped(groups: TimerGroups, rows: readonly Row[], hasWeights: boolean) {
  const found: { id: number; values: number[]; weights: number[] | undefined }[] = []
  groups.forEach(columnsOf(rows, hasWeights), (id, values, weights) => {
    found.push({ id, values: [...values], weights: weights && [...weights] })
  })
  return found
}

test('brings the values of each timer together, in their order, batch after batch', () => {
  const aRow = fc.record({
    id: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 100_000 })),
    value: fc.double({ noNaN: true }),
    weight: fc.integer({ min: 1, max: 1_000 }),
  })
  const aBatch = fc.record({ rows: fc.array(aRow, { maxLength: 60 }), hasWeights: fc.boolean() })
  fc.assert(
    fc.property(fc.array(aBatch, { maxLength: 6 }), (batches) => {
      const groups = new TimerGroups()
      for (const { rows, hasWeights } of batches) {
        const wanted = Map.groupBy(rows, ({ id }) => id)
        expect(grouped(groups, rows, hasWeights)).toEqual(
          [...wanted].map(([id, ofOne]) => ({
            id,
            values: ofOne.map(({ value }) => value),
            weights: hasWeights ? ofOne.map(({ weight }) => weight) : undefined,
          })),
        )
      }
    }),
  )
})

test('what a batch of weights leaves behind does not weigh the next', () => {
  const groups = new TimerGroups()
  const rows = Array.from({ length: 10 }, (_, index) => ({ id: index % 2, value: index, weight: 7 }))
  grouped(groups, rows, true)
  expect(grouped(groups, rows.slice(0, 2), false).map(({ weights }) => weights)).toEqual([
    undefined,
    undefined,
  ])
  expect(grouped(groups, [{ id: 1, value: 1, weight: 3 }], true)).toEqual([
    { id: 1, values: [1], weights: [3] },
  ])
})
