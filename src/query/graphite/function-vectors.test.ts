import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { KymoError } from '../../telemetry/errors.ts'
import type { QuerySeries } from '../query-series.ts'
import type { FunctionVector, VectorSeries } from './testdata/function-vector.ts'
import { evaluateVector, isKnown, lookUp, optionsOf } from './testdata/function-vector.ts'
import { unpack } from './testdata/unpack.ts'

const file = new URL('testdata/graphite_web_function_vectors.json', import.meta.url)
const { vectors } = unpack(JSON.parse(readFileSync(file, 'utf8'))) as { vectors: FunctionVector[] }

/** Vectors that are not met, by id, and why. */
const EXCEPTIONS: Readonly<Record<number, string>> = {
  ...because('what was fetched over the other window is not recorded', [29, 35, 36, 37, 38, 288]),
  ...because('two targets, recorded as one, with no divider', [31]),
  ...because('single series where lists of them are wanted, and numbers for what came out', [284]),
  ...because('lists of numbers in the place of series', [323, 324, 325, 326, 327]),
  ...because('from and until are the same moment, so the points have no distance', [346, 349, 350]),
  ...because(
    'its values are whole numbers; those of a store are fractions by kind, which `str` shows',
    [368],
  ),
  ...because('no function of the language, but a part of one: see calculate/holt-winters.test.ts', [411]),
  ...because('None in the place of series, which Graphite fails to go through', [456]),
  ...because('no tags to group by are an error, also of no series, as in the next vector', [480]),
}

function because(reason: string, ids: readonly number[]): Record<number, string> {
  return Object.fromEntries(ids.map((id) => [id, reason]))
}

// What is not there yet is asked for by the test of the registry.
const cases = vectors.filter((vector) => EXCEPTIONS[vector.id] === undefined && isKnown(vector))

test.each(cases)('$function, vector $id: $test', async (vector) => {
  if (vector.raises !== undefined) {
    await expect(evaluateVector(vector, vectors)).rejects.toThrow(KymoError)
    return
  }
  const series = await evaluateVector(vector, vectors)
  if (vector.expect !== undefined) expectSeries(series, vector.expect.flat())
  // Some say the same of more series than there are.
  const said = (vector.expect_at ?? []).filter(({ path }) => lookUp(series, path) !== undefined)
  for (const { path, value } of said) expectAt(series, path, value)
  if (vector.expect === undefined) expect(said.length).toBeGreaterThan(0)
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
    if (!isSame(one, value)) expect(Array.from(found)).toEqual(wanted.map((each) => each ?? Number.NaN))
  }
}

/** Fractions are compared as they are written: those tests round before they compare. */
function isSame(found: number, wanted: number | null): boolean {
  if (wanted === null) return Number.isNaN(found)
  const distance = Math.abs(found - wanted)
  if (distance <= 1e-9 * Math.abs(wanted)) return true
  const decimals = /\.(\d+)$/.exec(String(wanted))?.[1]?.length ?? 0
  return decimals > 0 && distance <= 0.501 * 10 ** -decimals
}
