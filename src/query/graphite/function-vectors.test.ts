import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { KymoError } from '../../telemetry/errors.ts'
import type { QuerySeries } from '../query-series.ts'
import type { FunctionVector, VectorSeries } from './testdata/function-vector.ts'
import { evaluateVector, lookUp, optionsOf } from './testdata/function-vector.ts'
import { unpack } from './testdata/unpack.ts'

const file = new URL('testdata/graphite_web_function_vectors.json', import.meta.url)
const { vectors } = unpack(JSON.parse(readFileSync(file, 'utf8'))) as { vectors: FunctionVector[] }

/** Vectors that are not met, by id, and why. */
const EXCEPTIONS: Readonly<Record<number, string>> = {}

describe.each(Object.entries(Object.groupBy(vectors, (vector) => vector.function)))('%s', (_name, group) => {
  const cases = (group ?? []).filter(({ id }) => EXCEPTIONS[id] === undefined)
  test.each(cases)('$id $test', async (vector) => {
    if (vector.raises !== undefined) {
      await expect(evaluateVector(vector)).rejects.toThrow(KymoError)
      return
    }
    const series = await evaluateVector(vector)
    if (vector.expect !== undefined) expectSeries(series, vector.expect.flat())
    for (const { path, value } of vector.expect_at ?? []) expectAt(series, path, value)
  })
})

test('exceptions are of vectors that there are', () => {
  const ids = new Set(vectors.map(({ id }) => id))
  expect(Object.keys(EXCEPTIONS).filter((id) => !ids.has(Number(id)))).toEqual([])
})

function expectSeries(found: readonly QuerySeries[], wanted: readonly VectorSeries[]): void {
  expect(found.map(({ name }) => name)).toEqual(wanted.map(({ series }) => series.name))
  for (const [index, { series }] of wanted.entries()) {
    const one = found[index] as QuerySeries
    const { startSeconds: start, endSeconds: end, stepSeconds: step } = one
    expect({ start, end, step }).toEqual({ start: series.start, end: series.end, step: series.step })
    expectValues(one.values, series.values)
    if (series.options !== undefined) expect(optionsOf(one.style)).toEqual(series.options)
    if (series.color !== undefined) expect(one.style?.color).toBe(series.color)
  }
}

function expectAt(found: readonly QuerySeries[], path: string, value: unknown): void {
  if (/^\[\d+\]$/.test(path)) {
    expectSeries([found[Number(path.slice(1, -1))] as QuerySeries], [value as VectorSeries])
  } else if (/^\[\d+\]\[\d+\]$/.test(path)) {
    expectValues([lookUp(found, path) as number], [value as number | null])
  } else if (path.endsWith('.name.startswith()')) {
    // Which beginning it is of, the vector does not say.
    expect(lookUp(found, path.replace('.startswith()', ''))).toEqual(expect.any(String))
  } else {
    expect(lookUp(found, path)).toEqual(value)
  }
}

function expectValues(found: ArrayLike<number>, wanted: readonly (number | null)[]): void {
  expect(found.length).toBe(wanted.length)
  for (const [index, value] of wanted.entries()) {
    const one = found[index] as number
    const isSame = value === null ? Number.isNaN(one) : Math.abs(one - value) <= 1e-9 * Math.abs(value)
    if (!isSame) expect([...Array.from(found)]).toEqual(wanted.map((each) => each ?? Number.NaN))
  }
}
