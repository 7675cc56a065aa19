import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readStoreStats } from '../care/store-stats.ts'
import { verifyStore } from '../care/verify-store.ts'
import {
  BASE_MS,
  HOUR_MS,
  MINUTE_MS,
  orNull,
  rulesOf,
  STEP_MS,
  TierHistory,
  TIERS,
} from '../testdata/tier-history.ts'

let history: TierHistory

beforeEach(async () => {
  history = new TierHistory()
  await history.open()
})
afterEach(() => history.end())

describe('tiers', () => {
  test('say what the points said, before and after these are gone', async () => {
    await history.live(['a', 'b'], 8)
    await history.expectAsKnown('a', 'b')
    await history.reopen()
    await history.expectAsKnown('a', 'b')
    expect(history.fixture.complaints).toEqual([])
    // The points themselves are gone.
    expect(history.store.engine.stats().pointCount).toBeLessThan(2 * 8 * 360 * 0.8)
  })

  test('points that come late, and are written again, count in tiers at once', async () => {
    await history.live(['a'], 6)
    const late = history.nowMs - 3 * HOUR_MS
    history.append('a', [
      [late, 5],
      [late + 1, 7],
      [late + 3 * MINUTE_MS, -2_000],
    ])
    await history.expectAsKnown('a')
    await history.live(['a'], 3, 7)
    await history.expectAsKnown('a')
    await history.reopen()
    await history.expectAsKnown('a')
  })

  test('what comes for a slot whose points are gone takes its place in the finest tier', async () => {
    await history.live(['a'], 8)
    const slotMs = BASE_MS + HOUR_MS
    history.append('a', [
      [slotMs + 1_000, 5],
      [slotMs + 2_000, 9],
    ])
    history.forget('a', (timeMs) => timeMs >= slotMs && timeMs < slotMs + MINUTE_MS && timeMs % STEP_MS === 0)
    await history.expectAsKnown('a')
    await history.live(['a'], 2, 3)
    await history.expectAsKnown('a')
  })

  test('a delete takes what is in tiers, too', async () => {
    await history.live(['a', 'b'], 7)
    await history.erase('a', BASE_MS + HOUR_MS, BASE_MS + 2 * HOUR_MS)
    await history.erase('b', BASE_MS - HOUR_MS, history.nowMs - 2 * HOUR_MS)
    await history.expectAsKnown('a', 'b')
    await history.live(['a', 'b'], 3, 3)
    await history.expectAsKnown('a', 'b')
    await history.reopen()
    await history.expectAsKnown('a', 'b')
  })

  test('a whole series that is deleted is gone from tiers', async () => {
    await history.live(['a'], 7)
    expect(await history.store.engine.delete(['a'], { startMs: -Infinity, endMs: Infinity })).toBe(1)
    history.forget('a', () => true)
    await history.expectAsKnown('a')
    await history.live(['b'], 2)
    await history.expectAsKnown('a', 'b')
  })

  test('each tier is kept as long as it is to be', async () => {
    await history.live(['a'], 3)
    await history.live(['b'], 1)
    await history.pass(3 * 24 * HOUR_MS)
    await history.live(['b'], 8)
    const range = history.span
    expect(await history.read('a', 'sum', MINUTE_MS, range)).toEqual(
      history.wanted('none', 'sum', MINUTE_MS, range),
    )
    expect(await history.read('a', 'sum', 10 * MINUTE_MS, range)).toEqual(
      history.wanted('a', 'sum', 10 * MINUTE_MS, range),
    )
    await history.reopen()
    expect(history.store.catalog.get('a')).toBeDefined()
  })

  test('a slot of too few points has no value', async () => {
    await history.live(['a'], 8)
    history.append('c', [[BASE_MS + 7 * HOUR_MS, 1]])
    const range = { startMs: BASE_MS + 7 * HOUR_MS, endMs: BASE_MS + 7 * HOUR_MS + 10 * MINUTE_MS }
    const series = { key: 'c', rollup: 'mean' as const, tierStepsMs: TIERS }
    for (const [fewestPoints, value] of [
      [1, 1],
      [2, null],
    ] as const) {
      const chunks = history.store.engine.read({
        series: [{ ...series, fewestPoints }],
        range,
        stepMs: 10 * MINUTE_MS,
      })
      for await (const { values } of chunks) expect([...values].map(orNull)).toEqual([value])
    }
  })

  test('a tier whose state is lost is gone over again', async () => {
    await history.live(['a'], 8)
    await history.store.close()
    for (const stepMs of TIERS)
      writeFileSync(join(history.fixture.path, 'tiers', `${stepMs}ms`, 'state'), '{"folding":')
    await history.open()
    await history.expectAsKnown('a')
    await history.live(['a'], 3, 5)
    await history.expectAsKnown('a')
    expect(history.fixture.complaints.map(({ msg }) => msg)).toHaveLength(2)
  })

  test('verify reads every byte of them, and stats says what they hold', async () => {
    await history.live(['a', 'b'], 8)
    await history.store.close()
    const [minutes, tens] = readStoreStats(history.fixture.path).tiers
    expect(minutes).toMatchObject({ stepMs: MINUTE_MS, oldestMs: BASE_MS })
    expect(tens?.slotCount).toBeLessThanOrEqual((minutes?.slotCount ?? 0) / 9)
    expect(
      verifyStore({ path: history.fixture.path, repairs: false }).tiers.flatMap(({ files }) => files),
    ).toHaveLength([minutes, tens].flatMap((tier) => tier?.files ?? []).length)
    const damaged = minutes?.files.find(({ path }) => path.includes('/max/'))?.path ?? ''
    const bytes = readFileSync(damaged)
    bytes[100] = (bytes[100] ?? 0) ^ 1
    writeFileSync(damaged, bytes)
    const report = verifyStore({ path: history.fixture.path, repairs: true })
    expect(report.tiers[0]?.files.flatMap(({ damages }) => damages)).toHaveLength(1)
    expect(report.quarantined).toEqual([`${damaged}.damaged`])
    await history.open()
    for (const rollup of ['sum', 'min', 'last'] as const)
      expect(await history.read('a', rollup, MINUTE_MS, history.span)).toEqual(
        history.wanted('a', rollup, MINUTE_MS, history.span),
      )
  })

  test('series that a tier is not for are read from below', async () => {
    await history.store.close()
    const schemas = { path: 'schemas', text: '[own]\npattern = ^own\nretentions = 10s:4h,10m:10d\n' }
    await history.open({ rules: { ...rulesOf(4), schemas } })
    await history.live(['own', 'other'], 8)
    const range = history.span
    const series = [{ key: 'own', rollup: 'sum' as const, tierStepsMs: [10 * MINUTE_MS] }]
    for await (const { values } of history.store.engine.read({ series, range, stepMs: 10 * MINUTE_MS }))
      expect([...values].map(orNull)).toEqual(history.wanted('own', 'sum', 10 * MINUTE_MS, range))
    await history.expectAsKnown('other')
  })
})
