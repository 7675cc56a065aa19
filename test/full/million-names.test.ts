import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeColumns } from '../../src/formats/point-columns/encode-columns.ts'
import { POINT_COLUMNS_TYPE } from '../../src/formats/point-columns/point-columns.ts'
import { cleanUp, KymoProcess } from '../harness/kymo.ts'

// A million names: what is found among them, how soon, and that questions which are too wide are told so.
const REGIONS = 10
const HOSTS = 1_000
const METRICS = 100
const NAMES = REGIONS * HOSTS * METRICS
const PER_REQUEST = 100_000
const NOW_MS = Math.floor(Date.now() / 10_000) * 10_000

let kymo: KymoProcess

const nameOf = (index: number): string => {
  const host = Math.floor(index / METRICS) % HOSTS
  return `r${Math.floor(index / METRICS / HOSTS)}.host${host}.m${index % METRICS}`
}

beforeAll(async () => {
  kymo = await KymoProcess.start({ flushInterval: '10s', env: { KYMO_LIMITS_SERIES: '2000000' } })
  for (let first = 0; first < NAMES; first += PER_REQUEST)
    await importNames(Array.from({ length: PER_REQUEST }, (_, index) => nameOf(first + index)))
  // One more than a list of names holds, whether Kymo's own series were flushed by now or not.
  await importNames(['one.more'])
}, 120_000)
afterAll(cleanUp)

async function importNames(names: readonly string[]): Promise<void> {
  const columns = encodeColumns({
    series: names.map((key) => ({ key, points: 1 })),
    timesMs: new Float64Array(names.length).fill(NOW_MS - 60_000),
    values: new Float64Array(names.length).fill(1),
  })
  const result = await kymo.json('/api/import/points', {
    method: 'POST',
    headers: { 'content-type': POINT_COLUMNS_TYPE },
    body: columns,
  })
  expect(result).toEqual({ stored: names.length, outside: 0, over_limit: 0 })
}

async function ask(path: string) {
  const beganMs = performance.now()
  const response = await fetch(kymo.url(path))
  const text = await response.text()
  return { status: response.status, text, ms: performance.now() - beganMs }
}

async function find(pattern: string): Promise<{ ids: string[]; ms: number }> {
  const { status, text, ms } = await ask(`/metrics/find?query=${encodeURIComponent(pattern)}`)
  expect(status, text.slice(0, 300)).toBe(200)
  return { ids: (JSON.parse(text) as { text: string }[]).map((node) => node.text), ms }
}

test.each<[pattern: string, count: number, first: string]>([
  ['r*', REGIONS, 'r0'],
  ['r3.*', HOSTS, 'host0'],
  ['r3.host5.*', METRICS, 'm0'],
  ['r3.host77?.*', METRICS, 'm0'],
  ['r[0-2].host{1,2,3}.m1*', 11, 'm1'],
  ['*.host999.m99', 1, 'm99'],
  ['*.*.m50', 1, 'm50'],
  ['r9.host12*', 11, 'host12'],
  ['nothing.*', 0, ''],
  ['r1.host1.m1.*', 0, ''],
])('%s finds %i nodes', async (pattern, count, first) => {
  const { ids } = await find(pattern)
  expect(ids).toHaveLength(count)
  if (count > 0) expect(ids).toContain(first)
  expect(new Set(ids).size).toBe(count)
})

test('what people type is found in 20 ms, or 40 where others work too, 99 times of 100', {
  timeout: 60_000,
}, async () => {
  const patternOf = (turn: number): string =>
    [
      `r${turn % REGIONS}.*`,
      `r${turn % REGIONS}.host${turn}.*`,
      `r*.host${turn}.m${turn % METRICS}`,
      `r${turn % REGIONS}.host${turn}*`,
    ][turn % 4] ?? ''
  for (let turn = 0; turn < 40; turn++) await find(patternOf(turn))
  const p99sMs: number[] = []
  for (let round = 0; round < 4; round++) {
    const tookMs: number[] = []
    for (let turn = 0; turn < 100; turn++) tookMs.push((await find(patternOf(turn))).ms)
    p99sMs.push(tookMs.toSorted((a, b) => a - b)[98] ?? Infinity)
  }
  // The best of four: the machine does other things too.
  expect(Math.min(...p99sMs), p99sMs.join(' ')).toBeLessThan(40)
})

describe('what is too wide', () => {
  test.each([
    ['/metrics/expand?query=*.*.*', 422],
    ['/render?target=*.*.*&format=json', 422],
    ['/render?target=sumSeries(*.*.*)&format=json', 422],
    ["/render?target=seriesByTag('name=~.%2B')&format=json", 422],
    [`/metrics/find?query=r0.${'{a,b}'.repeat(20)}.m1`, 400],
    ['/metrics/index.json', 422],
    ['/api/export/series', 422],
    [`/metrics/find?query=r0.${'[a-z]'.repeat(50)}.*`, 200],
    [`/metrics/find?query=${'*'.repeat(100)}.${'*1'.repeat(30)}.*`, 200],
    [`/metrics/find?query=${'*.'.repeat(200)}x`, 200],
  ])('%s is answered with %i within seconds', async (path, status) => {
    const answer = await ask(path)
    expect(answer.status, answer.text.slice(0, 300)).toBe(status)
    // Whoever is refused is told the limit.
    if (status !== 200)
      expect((JSON.parse(answer.text) as { message: string }).message).toMatch(/more .*than \d+/)
    expect(answer.ms).toBeLessThan(15_000)
  })
})
