import { mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openEmbeddedStore, type OpenStore, type StoreStats } from '../store/index.ts'
import { runCommandLine } from './index.ts'

const BASE_MS = Date.UTC(2026, 0, 1)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kymo-stats-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Series of 100 points each, ten seconds apart. */
function fill({ engine }: OpenStore, keys: readonly string[] = ['a', 'b']): void {
  for (const key of keys) {
    const identity = {
      key,
      metricKey: key,
      metricType: 'gauge',
      statistic: 'value',
      rollup: 'last',
    } as const
    const timesMs = Float64Array.from({ length: 100 }, (_, index) => BASE_MS + index * 10_000)
    engine.append({
      kind: 'number',
      series: Array.from(timesMs, () => identity),
      timesMs,
      values: timesMs.map((_, index) => Math.sin(index)),
    })
  }
}

async function run(...argv: string[]) {
  let stdout = ''
  let stderr = ''
  const code = await runCommandLine({
    argv,
    env: {},
    cwd: folder,
    hasTerminal: false,
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
  })
  return { code, stdout, stderr }
}

function sizeOfAll(path: string): number {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(path, name)))
    .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0)
}

test('after a clean stop: series, points, every byte, and how many a point', async () => {
  const store = await openEmbeddedStore({ path: folder })
  fill(store)
  await store.close()
  const { code, stdout } = await run('stats', folder)
  expect(code).toBe(0)
  expect(stdout).toContain(folder)
  expect(stdout).toMatch(/series {2}2\n/)
  expect(stdout).toMatch(/points {2}200\n/)
  expect(stdout).toMatch(/bytes {3}\d+(\.\d)? k?B {3}\d+\.\d\d a point\n/)
  expect(stdout).toContain('oldest  2026-01-01 00:00:00 UTC')
  expect(stdout).toContain('newest  2026-01-01 00:16:30 UTC   17 minutes')
  expect(stdout).toMatch(/blocks +1 /)

  const stats = JSON.parse((await run('stats', '--data', folder, '--json')).stdout) as StoreStats
  const bytes = sizeOfAll(folder)
  expect(stats).toMatchObject({
    path: folder,
    seriesCount: 2,
    pointCount: 200,
    bytes,
    bytesPerPoint: bytes / 200,
    oldestMs: BASE_MS,
    newestMs: BASE_MS + 990_000,
  })
  expect(stats.kinds.reduce((sum, kind) => sum + kind.bytes, 0)).toBe(bytes)

  const verbose = await run('stats', folder, '--verbose')
  expect(verbose.stdout).toMatch(/\.block +2 +200 .* 2026-01-01 00:00:00 UTC +2026-01-01 00:16:30 UTC\n/)
})

test('what takes the most space, by the first nodes of names', async () => {
  const store = await openEmbeddedStore({ path: folder })
  fill(store, ['x.y.c', 'x.y.d', 'x.z', 'b;env=x.y'])
  await store.close()
  const stats = JSON.parse((await run('stats', folder, '--by-prefix', '2', '--json')).stdout) as StoreStats
  expect(stats.prefixes.map(({ prefix, series, points }) => [prefix, series, points])).toEqual([
    ['x.y', 2, 200],
    ...stats.prefixes.slice(1).map(({ prefix }) => [prefix, 1, 100]),
  ])
  const bytes = stats.prefixes.reduce((sum, size) => sum + size.bytes, 0)
  expect(bytes).toBeGreaterThan(stats.bytes * 0.8)
  expect(bytes).toBeLessThanOrEqual(stats.bytes)
  const { stdout } = await run('stats', folder, '--by-prefix', '1')
  expect(stdout).toMatch(
    /\n {2}names +series +points +slots +bytes +share\n {2}x +3 +300 +0 .*\n {2}b +1 +100 /,
  )
})

test('of many names the largest are shown, and of the others the sum', async () => {
  const store = await openEmbeddedStore({ path: folder })
  fill(
    store,
    Array.from({ length: 40 }, (_, index) => `n${index}`),
  )
  await store.close()
  expect((await run('stats', folder, '--by-prefix', '1')).stdout).toMatch(/\n {2}10 others +10 +1,000 /)
  expect((await run('stats', folder, '--by-prefix', '1', '--verbose')).stdout).not.toContain('others')
})

test.each(['0', 'x', '100', '1.5'])('%s is no number of nodes', async (nodes) => {
  const { code, stderr } = await run('stats', folder, '--by-prefix', nodes)
  expect(code).toBe(64)
  expect(stderr).toContain(`"${nodes}" is no number of nodes from 1 to 99`)
})

test('of a store in use: what is safe by now is counted, and nothing is changed', async () => {
  const store = await openEmbeddedStore({ path: folder })
  fill(store)
  await store.engine.sync()
  const before = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted((a, b) =>
    a.localeCompare(b),
  )
  const stats = JSON.parse((await run('stats', folder, '--json')).stdout) as StoreStats
  expect(stats).toMatchObject({ seriesCount: 2, pointCount: 200, newestMs: BASE_MS + 990_000 })
  expect(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted((a, b) => a.localeCompare(b)),
  ).toEqual(before)
  await store.close()
})

test('damage is said, and verify says where', async () => {
  const store = await openEmbeddedStore({ path: folder })
  fill(store)
  await store.close()
  const [name = ''] = readdirSync(join(folder, 'blocks'))
  const path = join(folder, 'blocks', name)
  const bytes = readFileSync(path)
  writeFileSync(path, bytes.subarray(0, -1))
  const { code, stdout } = await run('stats', folder)
  expect(code).toBe(0)
  expect(stdout).toContain('1 damaged place: `kymo verify` says where.')
})

test.each(['stats', 'verify'])(
  '%s of a directory that holds nothing of Kymo makes nothing there',
  async (command) => {
    const other = join(folder, 'other')
    mkdirSync(other)
    for (const path of [other, join(folder, 'missing')]) {
      const { code, stderr } = await run(command, '--data', path)
      expect(code).toBe(1)
      expect(stderr).toContain(`data-unopenable: The data directory "${path}" cannot be opened`)
    }
    expect(readdirSync(folder)).toEqual(['other'])
    expect(readdirSync(other)).toEqual([])
  },
)

test('an empty store has no points, and no bytes a point', async () => {
  await (await openEmbeddedStore({ path: folder })).close()
  const stats = JSON.parse((await run('stats', folder, '--json')).stdout) as StoreStats
  expect(stats).toMatchObject({ pointCount: 0, bytesPerPoint: null, oldestMs: null, newestMs: null })
  expect((await run('stats', folder)).stdout).toMatch(/points {2}0\n/)
})
