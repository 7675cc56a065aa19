import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fetch } from '../formats/whisper/fetch.ts'
import { bytesInMemory } from '../formats/whisper/file-bytes.ts'
import { decodeHeader } from '../formats/whisper/header.ts'
import { KymoError } from '../telemetry/errors.ts'
import { run } from './export.ts'
import { run as runImport } from './import.ts'
import { printError } from './print-error.ts'
import { openMemoryPeer } from './testdata/memory-peer.ts'
import { runCommandIn, type Said } from './testdata/run-in.ts'
import type { KymoPeer } from './transfer/kymo-peer.ts'
import { readPoints } from './transfer/read-points.ts'

let folder: string
let peer: KymoPeer
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kymo-export-'))
  peer = openMemoryPeer()
  writeFileSync(
    join(folder, 'lines'),
    [
      `a.b 1.5 ${NOW - 120}`,
      `a.b -0 ${NOW - 59.5}`,
      `a.c 1e-7 ${NOW}`,
      `t;x=1 3 ${NOW}`,
      `a/b 4 ${NOW}`,
      '',
    ].join('\n'),
  )
  await kymo('import', 'carbon-lines', 'lines')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A multiple of the steps used here. */
const NOW = Math.floor(Date.now() / 60_000) * 60

function kymo(...[command, ...argv]: string[]): Promise<Said> {
  const runOne = command === 'import' ? runImport : run
  return runCommandIn(folder, argv, (context) =>
    runOne(context, () => Promise.resolve(peer)).catch((error: unknown) => printError(error, context)),
  )
}

test('lines and CSV go out series by series, and come in again the same', async () => {
  const lines = await kymo('export', 'carbon-lines')
  expect(lines).toEqual({
    code: 0,
    stderr: '',
    stdout: `a.b 1.5 ${NOW - 120}\na.b -0 ${NOW - 59.5}\na.c 1e-7 ${NOW}\na/b 4 ${NOW}\nt;x=1 3 ${NOW}\n`,
  })
  const csv = await kymo('export', 'csv')
  expect(csv.stdout).toBe(`series,time,value\n${lines.stdout.replaceAll(/ (.*) (.*)/g, ',$2,$1')}`)
  peer = openMemoryPeer()
  writeFileSync(join(folder, 'x.csv'), csv.stdout)
  expect((await kymo('import', 'csv', 'x.csv')).code).toBe(0)
  expect((await kymo('export', 'carbon-lines')).stdout).toBe(lines.stdout)
})

test('what goes out is chosen by pattern and time', async () => {
  expect((await kymo('export', 'carbon-lines', '--pattern', 'a.*', '--from', `${NOW - 59.5}`)).stdout).toBe(
    `a.b -0 ${NOW - 59.5}\na.c 1e-7 ${NOW}\n`,
  )
  const until = new Date((NOW - 120) * 1_000).toISOString()
  expect((await kymo('export', 'carbon-lines', '--until', until)).stdout).toBe(`a.b 1.5 ${NOW - 120}\n`)
  expect((await kymo('export', 'csv', '--pattern', 'none.*')).stdout).toBe('series,time,value\n')
})

test('whisper files are made as the rules say', async () => {
  writeFileSync(join(folder, 's.conf'), '[all]\npattern = .*\nretentions = 1m:1h,10m:7d')
  writeFileSync(join(folder, 'a.conf'), '[b]\npattern = b$\nxFilesFactor = 0.1\naggregationMethod = min')
  const rules = ['--storage-schemas', 's.conf', '--storage-aggregation', 'a.conf']
  const { code, stdout, stderr } = await kymo('export', 'whisper', 'out', ...rules)
  expect({ code, stdout, stderr }).toEqual({
    code: 65,
    stdout: 'ok: 4 points in 3 files.\n1 series have no file.\n',
    stderr: 'skipped: a/b: a file name has no slash, and no byte of 0\n',
  })
  const places = readdirSync(join(folder, 'out'), { recursive: true, encoding: 'utf8' })
  expect(places.filter((place) => place.includes('.')).sort()).toEqual([
    expect.stringMatching(/^_tagged\/...\/...\/t;x=1\.wsp$/),
    'a/b.wsp',
    'a/c.wsp',
  ])
  const bytes = readFileSync(join(folder, 'out', 'a', 'b.wsp'))
  const header = decodeHeader(bytes, bytes.length)
  if ('problem' in header) throw new Error(header.problem)
  expect(header).toMatchObject({
    method: 'min',
    archives: [
      { stepSeconds: 60, points: 60 },
      { stepSeconds: 600, points: 1_008 },
    ],
  })
  const found = fetch(
    { header, file: bytesInMemory(bytes) },
    { fromSeconds: NOW - 180, untilSeconds: NOW, nowSeconds: NOW },
  )
  expect([...(found?.values ?? [])]).toEqual([1.5, -0, Number.NaN])
})

test('nothing is written over', async () => {
  expect((await kymo('export', 'whisper', '.')).stderr).toContain('export-exists')
})

test.each([
  [['whisper'], 'kymo export whisper DIR'],
  [['whisper', 'a', 'b'], 'takes one place'],
  [['csv', 'a'], 'lines go to stdout'],
  [['lines'], 'there is no export of "lines"'],
] as [string[], string][])('%j: %s', async (argv, problem) => {
  const { code, stderr } = await kymo('export', ...argv)
  expect(code).toBe(64)
  expect(stderr).toContain(problem)
})

test('what is too much at once is asked for in parts', async () => {
  const asked: number[] = []
  const shy: Pick<KymoPeer, 'points'> = {
    async points(series, range) {
      const columns = await peer.points(series, range)
      asked.push(columns.values.length)
      if (columns.values.length > 1) throw new KymoError('too-many-points', { points: 2, limit: 1 })
      return columns
    },
  }
  const all = { startMs: 0, endMs: Number.MAX_SAFE_INTEGER }
  const found: [string, number[]][] = []
  for await (const { key, values } of readPoints(shy, await peer.list(undefined), all))
    found.push([key, [...values]])
  expect(found).toEqual([
    ['a.b', [1.5, -0]],
    ['a.c', [1e-7]],
    ['a/b', [4]],
    ['t;x=1', [3]],
  ])
  expect(asked.length).toBeGreaterThan(4)
})
