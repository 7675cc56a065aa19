import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runs } from '../../../test/harness/runs.ts'
import { BATCH_TIME_MS, gaugesOf, pointBatchOf } from '../../sinks/testdata/batches.ts'
import { encodeLines } from './encode-lines.ts'
import { WireNames } from './wire-name.ts'

const refuseNothing = () => {
  throw new Error('a point was refused')
}

function encode(
  names: readonly string[],
  values: readonly number[] = names.map((_, index) => index),
): string {
  const { series } = gaugesOf(names)
  const points = { series, values: Float64Array.from(values), timesMs: BATCH_TIME_MS }
  return [...encodeLines(points, new WireNames(), refuseNothing)].join('')
}

describe('a line', () => {
  test.each([
    [10, '10'],
    [0.1, '0.1'],
    [-2.5, '-2.5'],
    [1e21, '1e+21'],
    [5e-324, '5e-324'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
    [0, '0'],
  ])('has %d as %s', (value, wanted) => {
    expect(encode(['a'], [value])).toBe(`stats.gauges.a ${wanted} 1700000000\n`)
  })

  test('has the whole second a point of a fraction of one is in', () => {
    const { series, values, timesMs } = pointBatchOf(['a', 'b', 'c', 'd', 'e'])
    expect([...encodeLines({ series, values, timesMs }, new WireNames(), refuseNothing)].join('')).toBe(
      'a 0 1700000000\nb 1 1700000000\nc 2 1700000000\nd 3 1700000000\ne 4 1700000001\n',
    )
  })

  test.each([[Number.NaN], [Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY]])(
    'is not made of %d, which is refused',
    (value) => {
      const { series } = gaugesOf(['a', 'b'])
      let refused = 0
      const points = { series, values: Float64Array.of(value, 1), timesMs: BATCH_TIME_MS }
      const text = [...encodeLines(points, new WireNames(), () => (refused += 1))].join('')
      expect(text).toBe('stats.gauges.b 1 1700000000\n')
      expect(refused).toBe(1)
    },
  )

  test.each([
    ['x'.repeat(16_000 - 'stats.gauges.'.length), 0],
    ['x'.repeat(16_001 - 'stats.gauges.'.length), 1],
    ['ä'.repeat(8_000), 1],
  ])('is never longer than carbon takes', (name, wantedRefusals) => {
    const { series, values } = gaugesOf([name])
    let refused = 0
    for (const piece of encodeLines(
      { series, values, timesMs: BATCH_TIME_MS },
      new WireNames(),
      () => (refused += 1),
    )) {
      for (const line of piece.split('\n')) expect(Buffer.byteLength(line)).toBeLessThan(16_384)
    }
    expect(refused).toBe(wantedRefusals)
  })
})

test('pieces are of bounded size and hold whole lines', () => {
  const { series, values } = gaugesOf(Array.from({ length: 20_000 }, (_, index) => `name.${index}`))
  const pieces = [...encodeLines({ series, values, timesMs: BATCH_TIME_MS }, new WireNames(), refuseNothing)]
  expect(pieces.length).toBeGreaterThan(5)
  for (const piece of pieces) {
    expect(piece.length).toBeLessThan(65_536 + 16_384)
    expect(piece.endsWith('\n')).toBe(true)
  }
  expect(pieces.join('').split('\n').length - 1).toBe(20_000)
})

test('whatever the names are, a reader that splits as Python does finds one line of three fields per point', () => {
  const anyName = fc.string({ unit: 'binary', maxLength: 20 })
  fc.assert(
    fc.property(fc.array(anyName, { maxLength: 10 }), (names) => {
      const text = Buffer.from(encode(names)).toString()
      const lines = text.split('\n')
      expect(lines.pop()).toBe('')
      expect(lines.length).toBe(names.length)
      for (const [index, line] of lines.entries()) {
        // Everything Python's str.split takes for white space.
        // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
        const fields = line.split(/[\s\u001c-\u001f\u0085]+/u)
        expect(fields.slice(1)).toEqual([String(index), '1700000000'])
        expect(fields[0]).not.toBe('')
      }
    }),
    { numRuns: runs(300) },
  )
})
