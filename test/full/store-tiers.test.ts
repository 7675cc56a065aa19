import { afterAll, expect, test } from 'vitest'
import type { Rollup } from '../../src/model/series-identity.ts'
import { pointsOf } from '../../src/store/engine.conformance.ts'
import { LogFixture, packerHere } from '../../src/store/embedded/testdata/log-fixture.ts'
import type { OpenStore } from '../../src/store/open-store.ts'
import type { RuleBookSource } from '../../src/store/rules/index.ts'
import { BASE_MS } from '../../src/store/testdata/base-time.ts'
import { Random } from '../harness/random.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const YEAR_MS = 365 * DAY_MS
const START_MS = Math.ceil(BASE_MS / DAY_MS) * DAY_MS
const TIERS_MS = [10 * MINUTE_MS, HOUR_MS]
const RAW_MS = 7 * DAY_MS
const rules: RuleBookSource = {
  defaultRetentions: [
    { stepSeconds: 60, retentionSeconds: RAW_MS / 1_000 },
    { stepSeconds: 600, retentionSeconds: 90 * 86_400 },
    { stepSeconds: 3_600, retentionSeconds: 5 * 365 * 86_400 },
  ],
}
const KEYS = ['requests.count', 'load', 'latency.upper']
const ROLLUPS: readonly Rollup[] = ['sum', 'min', 'max', 'mean', 'last']

const seed = Number(process.env.KYMO_TEST_SEED ?? Date.now() % 1_000_000)
const random = new Random(seed)
const fixture = new LogFixture()
/** What a reader that never forgets would know: a value for each minute of the year, NaN: none. */
const known = new Map(KEYS.map((key) => [key, new Float64Array(YEAR_MS / MINUTE_MS).fill(Number.NaN)]))
let store: OpenStore

afterAll(async () => {
  await store.close()
  fixture.remove()
})

/** Whole numbers, so that sums are exact in whatever order. */
function append(key: string, firstMs: number, count: number): void {
  const points: [number, number][] = []
  for (let index = 0; index < count; index++) {
    if (random.chance(0.05)) continue
    const timeMs = firstMs + index * MINUTE_MS
    if (timeMs >= START_MS + YEAR_MS) break
    points.push([timeMs, random.between(-1_000, 1_000)])
  }
  if (points.length === 0) return
  store.engine.append(pointsOf(key, points))
  const values = known.get(key) ?? new Float64Array(0)
  for (const [timeMs, value] of points) values[(timeMs - START_MS) / MINUTE_MS] = value
}

async function erase(key: string, startMs: number, endMs: number): Promise<void> {
  await store.engine.delete([key], { startMs, endMs })
  known.get(key)?.fill(Number.NaN, (startMs - START_MS) / MINUTE_MS, (endMs - START_MS) / MINUTE_MS)
}

async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= HOUR_MS) {
    fixture.clock.advance(Math.min(left, HOUR_MS))
    for (let turn = 0; turn < 25; turn++) await new Promise(setImmediate)
  }
}

/** A range of time that the level of this step is kept for, at random. */
async function check(): Promise<void> {
  const nowMs = fixture.clock.nowMs()
  const key = random.pick(KEYS)
  const rollup = random.pick(ROLLUPS)
  const stepMs = random.pick([MINUTE_MS, ...TIERS_MS])
  const keptMs = stepMs === MINUTE_MS ? RAW_MS : stepMs === HOUR_MS ? YEAR_MS : 90 * DAY_MS
  const oldestMs = Math.max(START_MS, nowMs - keptMs + HOUR_MS)
  const slotOf = (timeMs: number): number => Math.ceil(timeMs / stepMs) * stepMs
  const startMs = slotOf(oldestMs + random.next() * (nowMs - oldestMs))
  const endMs = slotOf(startMs + random.next() * 20 * DAY_MS)
  const series = [{ key, rollup, tierStepsMs: TIERS_MS.filter((tierMs) => tierMs <= stepMs) }]
  for await (const { values } of store.engine.read({ series, range: { startMs, endMs }, stepMs })) {
    const wanted = Array.from(values, (_, slot) => wantedAt(key, rollup, startMs + slot * stepMs, stepMs))
    expect(
      [...values],
      `seed ${seed}: ${rollup} of ${key}, ${stepMs} ms from ${startMs}, now ${nowMs}`,
    ).toEqual(wanted)
  }
}

function wantedAt(key: string, rollup: Rollup, slotMs: number, stepMs: number): number {
  const first = (slotMs - START_MS) / MINUTE_MS
  const values = known
    .get(key)
    ?.subarray(first, first + stepMs / MINUTE_MS)
    .filter((value) => !Number.isNaN(value))
  if (values === undefined || values.length === 0) return Number.NaN
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
      return values.at(-1) ?? Number.NaN
  }
}

test(`a year through all tiers is what a brute-force model says it is, seed ${seed}`, {
  timeout: 600_000,
}, async () => {
  const open = (): Promise<OpenStore> => fixture.open({ rules, packer: packerHere() })
  fixture.clock.advance(START_MS - fixture.clock.nowMs())
  store = await open()
  let checks = 0
  while (fixture.clock.nowMs() < START_MS + YEAR_MS) {
    const nowMs = fixture.clock.nowMs()
    const lengthMs = random.pick([HOUR_MS, 6 * HOUR_MS, DAY_MS])
    for (const key of KEYS) append(key, nowMs, lengthMs / MINUTE_MS)
    await pass(lengthMs)
    const anHourBackMs = Math.max(START_MS, nowMs - Math.floor(random.next() * 140) * HOUR_MS)
    // Late, anywhere that the points themselves are still kept.
    if (random.chance(0.3)) append(random.pick(KEYS), anHourBackMs, random.between(1, 300))
    if (random.chance(0.05)) {
      const startMs = START_MS + Math.floor(random.next() * ((nowMs - START_MS) / HOUR_MS)) * HOUR_MS
      await erase(random.pick(KEYS), startMs, startMs + random.between(1, 100) * HOUR_MS)
    }
    if (random.chance(0.03)) {
      await store.close()
      store = await open()
    }
    for (let turn = 0; turn < 3; turn++, checks++) await check()
  }
  expect(checks).toBeGreaterThan(1_000)
  // The points of most of the year are gone.
  expect(store.engine.stats().pointCount).toBeLessThan((KEYS.length * YEAR_MS) / MINUTE_MS / 10)
  expect(fixture.complaints).toEqual([])
})
