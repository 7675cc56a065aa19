import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Rollup } from '../../../model/series-identity.ts'
import { pointsOf } from '../../engine.conformance.ts'
import type { OpenStore } from '../../open-store.ts'
import type { RuleBookSource } from '../../rules/index.ts'
import { BASE_MS as SOME_MS } from '../../testdata/base-time.ts'
import { readStoreStats } from '../care/store-stats.ts'
import { verifyStore } from '../care/verify-store.ts'
import type { EmbeddedStoreOptions } from '../open-embedded-store.ts'
import { failingFiles } from '../testdata/failing-files.ts'
import { LogFixture, packerHere } from '../testdata/log-fixture.ts'

const STEP_MS = 10_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
/** What begins here are whole slots of all tiers. */
const BASE_MS = Math.ceil(SOME_MS / HOUR_MS) * HOUR_MS
const rules: RuleBookSource = {
  defaultRetentions: [
    { stepSeconds: 10, retentionSeconds: 4 * 3_600 },
    { stepSeconds: 60, retentionSeconds: 24 * 3_600 },
    { stepSeconds: 600, retentionSeconds: 10 * 86_400 },
  ],
}
const TIERS = [MINUTE_MS, 10 * MINUTE_MS]
const ROLLUPS: readonly Rollup[] = ['sum', 'min', 'max', 'mean', 'last']

let fixture: LogFixture
let store: OpenStore
/** What a reader that never forgets would know, by key and time. */
let known: Map<string, Map<number, number>>

beforeEach(async () => {
  fixture = new LogFixture()
  fixture.clock.advance(BASE_MS - SOME_MS)
  store = await fixture.open({ rules, packer: packerHere() })
  known = new Map()
})
afterEach(async () => {
  await store.close()
  fixture.remove()
})

async function reopen(options: Partial<EmbeddedStoreOptions> = {}): Promise<void> {
  await store.close()
  store = await fixture.open({ rules, packer: packerHere(), ...options })
}

function append(key: string, points: readonly (readonly [number, number])[]): void {
  store.engine.append(pointsOf(key, points))
  const times = known.get(key) ?? new Map<number, number>()
  known.set(key, times)
  for (const [timeMs, value] of points) times.set(timeMs, value)
}

async function erase(key: string, startMs: number, endMs: number): Promise<void> {
  await store.engine.delete([key], { startMs, endMs })
  for (const timeMs of known.get(key)?.keys() ?? [])
    if (timeMs >= startMs && timeMs < endMs) known.get(key)?.delete(timeMs)
}

/** Lets so much time pass, and what is due in it be done. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 10 * MINUTE_MS) {
    fixture.clock.advance(Math.min(left, 10 * MINUTE_MS))
    await settled()
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await new Promise(setImmediate)
}

async function read(key: string, rollup: Rollup, stepMs: number, range: { startMs: number; endMs: number }) {
  const tierStepsMs = TIERS.filter((tierMs) => tierMs <= stepMs)
  const chunks = store.engine.read({ series: [{ key, rollup, tierStepsMs }], range, stepMs })
  for await (const { values } of chunks) return [...values].map(orNull)
  return []
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}

function wanted(key: string, rollup: Rollup, stepMs: number, range: { startMs: number; endMs: number }) {
  const points = [...(known.get(key) ?? [])].sort(([a], [b]) => a - b)
  const slots: (number | null)[] = []
  for (let slotMs = range.startMs; slotMs < range.endMs; slotMs += stepMs) {
    const values = points
      .filter(([timeMs]) => timeMs >= slotMs && timeMs < slotMs + stepMs)
      .map(([, value]) => value)
    slots.push(values.length === 0 ? null : rolledUp(rollup, values))
  }
  return slots
}

function rolledUp(rollup: Rollup, values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0)
  switch (rollup) {
    case 'sum':
      return sum
    case 'mean':
      return sum / values.length
    case 'min':
      return Math.min(...values)
    case 'max':
      return Math.max(...values)
    case 'last':
      return values.at(-1) ?? 0
  }
}

/** Whole slots of the coarsest tier, from the first point on. */
function span(startMs: number): { startMs: number; endMs: number } {
  const coarsestMs = 10 * MINUTE_MS
  return {
    startMs: Math.floor(startMs / coarsestMs) * coarsestMs,
    endMs: Math.ceil((fixture.clock.nowMs() + 1) / coarsestMs) * coarsestMs,
  }
}

async function expectAsKnown(keys: readonly string[], stepsMs = TIERS, startMs = BASE_MS): Promise<void> {
  for (const key of keys) {
    for (const rollup of ROLLUPS) {
      for (const stepMs of stepsMs) {
        const range = span(startMs)
        expect(await read(key, rollup, stepMs, range), `${rollup} of ${key} in ${stepMs} ms`).toEqual(
          wanted(key, rollup, stepMs, range),
        )
      }
    }
  }
}

/** Whole numbers, so that sums are exact in whatever order. */
function live(keys: readonly string[], startMs: number, hours: number, seed = 1): Promise<void> {
  return (async () => {
    let random = seed
    for (let timeMs = startMs; timeMs < startMs + hours * HOUR_MS; timeMs += 10 * MINUTE_MS) {
      for (const key of keys) {
        const points = Array.from({ length: 60 }, (_, index) => {
          random = (random * 1_103_515_245 + 12_345) % 2_147_483_648
          return [timeMs + index * STEP_MS, (random % 2_001) - 1_000] as const
        })
        append(
          key,
          points.filter(() => (random = (random * 48_271) % 2_147_483_647) % 10 > 0),
        )
      }
      await pass(10 * MINUTE_MS)
    }
  })()
}

describe('tiers', () => {
  test('say what the points said, before and after these are gone', async () => {
    await live(['a', 'b'], BASE_MS, 12)
    await expectAsKnown(['a', 'b'])
    await reopen()
    await expectAsKnown(['a', 'b'])
    expect(fixture.complaints).toEqual([])
    // The points themselves are gone.
    expect(store.engine.stats().pointCount).toBeLessThan(2 * 12 * 360 * 0.7)
  })

  test('points that come late, and are written again, count in tiers at once', async () => {
    await live(['a'], BASE_MS, 6)
    const late = fixture.clock.nowMs() - 3 * HOUR_MS
    append('a', [
      [late, 5],
      [late + 1, 7],
      [late + 3 * MINUTE_MS, -2_000],
    ])
    await expectAsKnown(['a'])
    await live(['a'], fixture.clock.nowMs(), 3, 7)
    await expectAsKnown(['a'])
    await reopen()
    await expectAsKnown(['a'])
  })

  test('what comes for a slot whose points are gone takes its place in the finest tier', async () => {
    await live(['a'], BASE_MS, 12)
    const slotMs = BASE_MS + HOUR_MS
    append('a', [
      [slotMs + 1_000, 5],
      [slotMs + 2_000, 9],
    ])
    const before = known.get('a') ?? new Map<number, number>()
    for (const timeMs of before.keys())
      if (timeMs >= slotMs && timeMs < slotMs + MINUTE_MS && timeMs % STEP_MS === 0) before.delete(timeMs)
    await expectAsKnown(['a'])
    await live(['a'], fixture.clock.nowMs(), 2, 3)
    await expectAsKnown(['a'])
  })

  test('a delete takes what is in tiers, too', async () => {
    await live(['a', 'b'], BASE_MS, 10)
    await erase('a', BASE_MS + HOUR_MS, BASE_MS + 2 * HOUR_MS)
    await erase('b', BASE_MS - HOUR_MS, fixture.clock.nowMs() - 2 * HOUR_MS)
    await expectAsKnown(['a', 'b'])
    await live(['a', 'b'], fixture.clock.nowMs(), 3, 3)
    await expectAsKnown(['a', 'b'])
    await reopen()
    await expectAsKnown(['a', 'b'])
  })

  test('a whole series that is deleted is gone from tiers', async () => {
    await live(['a'], BASE_MS, 10)
    expect(await store.engine.delete(['a'], { startMs: -Infinity, endMs: Infinity })).toBe(1)
    known.clear()
    await expectAsKnown(['a'])
    await live(['b'], fixture.clock.nowMs(), 2)
    await expectAsKnown(['a', 'b'])
  })

  test('each tier is kept as long as it is to be', async () => {
    await live(['a'], BASE_MS, 3)
    await live(['b'], fixture.clock.nowMs(), 1)
    await pass(3 * 24 * HOUR_MS)
    await live(['b'], fixture.clock.nowMs(), 8)
    const range = span(BASE_MS)
    expect(await read('a', 'sum', MINUTE_MS, range)).toEqual(wanted('none', 'sum', MINUTE_MS, range))
    expect(await read('a', 'sum', 10 * MINUTE_MS, range)).toEqual(wanted('a', 'sum', 10 * MINUTE_MS, range))
    await reopen()
    expect(store.catalog.get('a')).toBeDefined()
  })

  test('a slot of too few points has no value', async () => {
    await live(['a'], BASE_MS, 8)
    append('c', [[BASE_MS + 7 * HOUR_MS, 1]])
    const range = { startMs: BASE_MS + 7 * HOUR_MS, endMs: BASE_MS + 7 * HOUR_MS + 10 * MINUTE_MS }
    const series = { key: 'c', rollup: 'mean' as const, tierStepsMs: TIERS }
    for (const [fewestPoints, value] of [
      [1, 1],
      [2, null],
    ] as const) {
      const chunks = store.engine.read({
        series: [{ ...series, fewestPoints }],
        range,
        stepMs: 10 * MINUTE_MS,
      })
      for await (const { values } of chunks) expect([...values].map(orNull)).toEqual([value])
    }
  })

  test('a tier whose state is lost is gone over again', async () => {
    await live(['a'], BASE_MS, 8)
    await store.close()
    for (const stepMs of TIERS)
      writeFileSync(join(fixture.path, 'tiers', `${stepMs}ms`, 'state'), '{"folding":')
    store = await fixture.open({ rules, packer: packerHere() })
    await expectAsKnown(['a'])
    await live(['a'], fixture.clock.nowMs(), 3, 5)
    await expectAsKnown(['a'])
    expect(fixture.complaints.map(({ msg }) => msg)).toHaveLength(2)
  })

  test('verify reads every byte of them, and stats says what they hold', async () => {
    await live(['a', 'b'], BASE_MS, 8)
    await store.close()
    const [minutes, tens] = readStoreStats(fixture.path).tiers
    expect(minutes).toMatchObject({ stepMs: MINUTE_MS, oldestMs: BASE_MS })
    expect(tens?.slotCount).toBeLessThanOrEqual((minutes?.slotCount ?? 0) / 9)
    expect(
      verifyStore({ path: fixture.path, repairs: false }).tiers.flatMap(({ files }) => files),
    ).toHaveLength([minutes, tens].flatMap((tier) => tier?.files ?? []).length)
    const damaged = minutes?.files.find(({ path }) => path.includes('/max/'))?.path ?? ''
    const bytes = readFileSync(damaged)
    bytes[100] = (bytes[100] ?? 0) ^ 1
    writeFileSync(damaged, bytes)
    const report = verifyStore({ path: fixture.path, repairs: true })
    expect(report.tiers[0]?.files.flatMap(({ damages }) => damages)).toHaveLength(1)
    expect(report.quarantined).toEqual([`${damaged}.damaged`])
    store = await fixture.open({ rules, packer: packerHere() })
    for (const rollup of ['sum', 'min', 'last'] as const)
      expect(await read('a', rollup, MINUTE_MS, span(BASE_MS))).toEqual(
        wanted('a', rollup, MINUTE_MS, span(BASE_MS)),
      )
  })

  test('whatever call of the disk is the last one before a crash, nothing is lost', async () => {
    const short: RuleBookSource = {
      defaultRetentions: [
        { stepSeconds: 10, retentionSeconds: 3_600 },
        { stepSeconds: 60, retentionSeconds: 24 * 3_600 },
        { stepSeconds: 600, retentionSeconds: 10 * 86_400 },
      ],
    }
    const run = async (atCall: number): Promise<number> => {
      const { files, callCount } = failingFiles({ atCall, calls: Infinity, code: 'EIO' })
      fixture = new LogFixture()
      fixture.clock.advance(BASE_MS - SOME_MS)
      known = new Map()
      store = await fixture.open({ rules: short, files, packer: packerHere(files) })
      try {
        await live(['a'], BASE_MS, 2.5)
      } catch (error) {
        expect(error).toMatchObject({ code: 'store-write-failed' })
      }
      const fallen = store
      const copy = mkdtempSync(join(tmpdir(), 'kymo-tiers-'))
      cpSync(fixture.path, copy, { recursive: true })
      store = await fixture.open({ path: copy, rules: short, packer: packerHere() })
      await settled()
      await expectAsKnown(['a'])
      await store.close()
      await fallen.close().catch(() => {})
      fixture.remove()
      rmSync(copy, { recursive: true })
      return callCount()
    }
    const calls = await run(Infinity)
    expect(calls).toBeGreaterThan(500)
    for (let part = 1; part <= 12; part++) await run(Math.floor((calls * (part - 0.5)) / 12))
    fixture = new LogFixture()
    store = await fixture.open()
  })

  test('series that a tier is not for are read from below', async () => {
    await store.close()
    const schemas = { path: 'schemas', text: '[own]\npattern = ^own\nretentions = 10s:4h,10m:10d\n' }
    store = await fixture.open({ rules: { ...rules, schemas }, packer: packerHere() })
    await live(['own', 'other'], BASE_MS, 12)
    const range = span(BASE_MS)
    const series = [{ key: 'own', rollup: 'sum' as const, tierStepsMs: [10 * MINUTE_MS] }]
    for await (const { values } of store.engine.read({ series, range, stepMs: 10 * MINUTE_MS }))
      expect([...values].map(orNull)).toEqual(wanted('own', 'sum', 10 * MINUTE_MS, range))
    await expectAsKnown(['other'])
  })
})
