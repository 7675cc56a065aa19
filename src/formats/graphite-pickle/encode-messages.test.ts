import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../../../test/harness/runs.ts'
import { BATCH_TIME_MS, gaugesOf, pointBatchOf } from '../../sinks/testdata/batches.ts'
import type { PointsToEncode } from '../graphite-plaintext/encode-lines.ts'
import { WireNames } from '../graphite-plaintext/wire-name.ts'
import { encodeMessages } from './encode-messages.ts'
import { type PickledValue, unpickle } from './unpickle.ts'

function encode(points: PointsToEncode): {
  messages: Uint8Array[]
  entries: PickledValue[]
  refused: number[]
} {
  const refused: number[] = []
  const messages = [...encodeMessages(points, new WireNames(), (index) => refused.push(index))]
  const entries = messages.flatMap((message) => {
    const { length } = message
    expect(Buffer.from(message).readUInt32BE()).toBe(length - 4)
    return unpickle(message, 4, length) as PickledValue[]
  })
  return { messages, entries, refused }
}

/** Read by Python 3.11: [('stats.gauges.a;k=v', (1700000000, 1.5))]. */
const ONE_POINT =
  '0000002d80025d2858120000007374617473' + '2e6761756765732e613b6b3d764a00f15365473ff80000000000008686652e'

test('one point is the same bytes for ever', () => {
  const { series } = gaugesOf(['a;k=v'])
  const { messages } = encode({ series, values: Float64Array.of(1.5), timesMs: BATCH_TIME_MS })
  expect(messages.map((message) => Buffer.from(message).toString('hex'))).toEqual([ONE_POINT])
})

test('points have times of their own, in whole seconds, beyond 2038 too', () => {
  const { series, values } = pointBatchOf(['a', 'b', 'c', 'd'])
  const timesMs = Float64Array.of(1_700_000_000_999, 2 ** 31 * 1_000, 999, -1)
  expect(encode({ series, values, timesMs }).entries).toEqual([
    ['a', [1_700_000_000, 0]],
    ['b', [2 ** 31, 1]],
    ['c', [0, 2]],
    ['d', [-1, 3]],
  ])
})

test('no message is made of nothing', () => {
  const { series, values } = gaugesOf([])
  expect(encode({ series, values, timesMs: 0 }).messages).toEqual([])
})

test('what no message can carry is left out, and said', () => {
  const { series } = gaugesOf(['a', 'b', 'x'.repeat(20_000), 'c', 'd'])
  const values = Float64Array.of(Number.NaN, 1, 2, Number.NEGATIVE_INFINITY, -0)
  const { entries, refused } = encode({ series, values, timesMs: BATCH_TIME_MS })
  expect(refused).toEqual([0, 2, 3])
  expect(entries).toEqual([
    ['stats.gauges.b', [1_700_000_000, 1]],
    ['stats.gauges.d', [1_700_000_000, -0]],
  ])
})

test('messages are far from the mebibyte that carbon takes, however long names are', () => {
  const names = Array.from({ length: 3_000 }, (_, index) => `${index}.${'ä'.repeat((index % 40) * 190)}`)
  const { series, values } = gaugesOf(names)
  const { messages, entries, refused } = encode({ series, values, timesMs: BATCH_TIME_MS })
  expect(refused).toEqual([])
  expect(entries).toHaveLength(3_000)
  for (const { length } of messages) expect(length).toBeLessThan(100_000)
})

test('whatever names and values are, each comes back as it was', () => {
  const point = fc.tuple(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  )
  fc.assert(
    fc.property(fc.array(point, { maxLength: 30 }), (points) => {
      const { series } = gaugesOf(points.map(([name]) => name))
      const names = new WireNames()
      const values = Float64Array.from(points, ([, value]) => value)
      const { entries } = encode({ series, values, timesMs: BATCH_TIME_MS })
      expect(entries).toEqual(
        points.map(([, value], index) => [
          Buffer.from(names.nameOf(series[index] as (typeof series)[number])).toString(),
          [1_700_000_000, value],
        ]),
      )
    }),
    { numRuns: runs(300) },
  )
})
