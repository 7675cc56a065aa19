import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openEmbeddedStore } from '../store/index.ts'
import { runCommandLine } from './index.ts'

let folder: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kymo-verify-'))
  const store = await openEmbeddedStore({ path: folder })
  const identity = {
    key: 'a',
    metricKey: 'a',
    metricType: 'gauge',
    statistic: 'value',
    rollup: 'last',
  } as const
  const timesMs = Float64Array.from({ length: 100 }, (_, index) => 1_700_000_000_000 + index * 10_000)
  store.engine.append({
    kind: 'number',
    series: Array.from(timesMs, () => identity),
    timesMs,
    values: timesMs.map((_, index) => Math.sin(index)),
  })
  await store.close()
})
afterEach(() => rmSync(folder, { recursive: true }))

async function verify(...flags: string[]): Promise<{ code: number; stdout: string }> {
  let stdout = ''
  const code = await runCommandLine({
    argv: ['verify', '--data', folder, ...flags],
    env: {},
    cwd: folder,
    hasTerminal: false,
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: () => {} },
  })
  return { code, stdout }
}

test('says what there is, finds a flipped bit and where it is, and repairs when it is told to', async () => {
  const whole = await verify()
  expect(whole.code).toBe(0)
  expect(whole.stdout).toMatch(/^ok: 1 file, 1 series, 100 points in \d+ bytes, \d+\.\d\d bytes a point\n$/)

  const [name = ''] = readdirSync(join(folder, 'blocks'))
  const path = join(folder, 'blocks', name)
  const bytes = readFileSync(path)
  bytes[200] = (bytes[200] ?? 0) ^ 4
  writeFileSync(path, bytes)
  const damaged = await verify()
  expect(damaged.code).toBe(6)
  expect(damaged.stdout).toContain(`damaged: ${path}, `)
  expect(damaged.stdout).toContain('a group of 1 chunks')
  expect(readFileSync(path)).toEqual(bytes)

  const repaired = await verify('--repair')
  expect(repaired.code).toBe(0)
  expect(repaired.stdout).toContain(`put aside: ${path}.damaged\n`)
  expect(readFileSync(`${path}.damaged`)).toEqual(bytes)
  const again = await verify('--json')
  expect(again.code).toBe(0)
  expect(JSON.parse(again.stdout)).toMatchObject({ pointCount: 0, damages: [] })
})
