import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bytesInMemory } from '../formats/whisper/file-bytes.ts'
import { encodeHeader } from '../formats/whisper/header.ts'
import { updateMany } from '../formats/whisper/update.ts'
import type { AggregationMethod } from '../model/aggregation-method.ts'
import { run } from './import.ts'
import { printError } from './print-error.ts'
import { openMemoryPeer } from './testdata/memory-peer.ts'
import { runCommandIn, type Said } from './testdata/run-in.ts'
import type { KymoPeer } from './transfer/kymo-peer.ts'

let folder: string
let tree: string
let peer: KymoPeer
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kymo-import-'))
  tree = join(folder, 'whisper')
  peer = openMemoryPeer()
})
afterEach(() => rmSync(folder, { recursive: true }))

function kymo(...[command, ...argv]: string[]): Promise<Said> {
  if (command !== 'import') throw new Error('only import is tested here')
  return runCommandIn(folder, argv, (context) =>
    run(context, () => Promise.resolve(peer)).catch((error: unknown) => printError(error, context)),
  )
}

/** Now, as a multiple of all steps. */
const NOW = Math.floor(Date.now() / 3_600_000) * 3_600

/** One point a minute for three hours, of which the last hour stays as it is. */
function whisperFile(place: string, method: AggregationMethod = 'average'): void {
  const encoded = encodeHeader({
    archives: [
      { stepSeconds: 60, points: 60 },
      { stepSeconds: 600, points: 1_008 },
    ],
    method,
    xFilesFactor: 0,
  })
  if ('problem' in encoded) throw new Error(encoded.problem)
  const bytes = new Uint8Array(encoded.fileBytes)
  bytes.set(encoded.bytes)
  const whisper = { header: encoded.header, file: bytesInMemory(bytes) }
  for (let hour = 2; hour >= 0; hour--) {
    const end = NOW - hour * 3_600
    updateMany(
      whisper,
      Array.from({ length: 60 }, (_, index) => ({ seconds: end - index * 60, value: end - index * 60 })),
      end,
    )
  }
  mkdirSync(dirname(join(tree, place)), { recursive: true })
  writeFileSync(join(tree, place), bytes)
}

async function stored(key: string): Promise<[seconds: number, value: number][]> {
  const { timesMs, values } = await peer.points([{ key, rollup: 'last' }], {
    startMs: 0,
    endMs: Number.MAX_SAFE_INTEGER,
  })
  return Array.from(timesMs, (timeMs, index) => [timeMs / 1_000 - NOW, values[index] as number])
}

test('a tree of whisper files comes in: fine points, and coarse ones before them', async () => {
  whisperFile('servers/web1/load.wsp')
  const { code, stdout, stderr } = await kymo('import', 'whisper', tree, '--as-of', String(NOW))
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(
    /^ok: 7\d points of 1 files in \d+ s, .* a second; 7\d points were read back and are right\.\n$/,
  )
  const points = await stored('servers.web1.load')
  const fine = points.filter(([seconds]) => seconds > -3_600)
  expect(fine).toEqual(Array.from({ length: 60 }, (_, index) => [(index - 59) * 60, NOW + (index - 59) * 60]))
  // Of whole hours, the ring had gone round when they were made.
  const coarse = points.filter(([seconds]) => seconds <= -3_600 && seconds % 3_600 !== 0)
  expect(coarse.length).toBeGreaterThan(9)
  expect(coarse).toEqual(coarse.map(([seconds]) => [seconds, NOW + seconds + 270]))
})

test('what is no whisper file, or broken, is said, and the rest comes in', async () => {
  whisperFile('a.wsp')
  whisperFile('cut.wsp')
  writeFileSync(join(tree, 'cut.wsp'), readFileSync(join(tree, 'cut.wsp')).subarray(0, 500))
  writeFileSync(join(tree, 'empty.wsp'), '')
  writeFileSync(join(tree, 'README'), 'hello')
  const { code, stdout, stderr } = await kymo('import', 'whisper', tree, '--json')
  expect(code).toBe(65)
  expect(JSON.parse(stdout)).toMatchObject({ files: 1, skipped: 1, broken: 2 })
  expect(stderr).toContain('broken: cut.wsp: it ends at byte 500')
  expect(stderr).toContain('broken: empty.wsp: it is empty')
  expect(stderr).toContain('skipped: README: it is no whisper file')
})

test('a dry run reads everything, sends nothing, and says what the rules say', async () => {
  whisperFile('a.wsp')
  whisperFile('b/count.wsp', 'sum')
  writeFileSync(join(folder, 's.conf'), '[all]\npattern = .*\nretentions = 1m:1h,10m:7d')
  writeFileSync(join(folder, 'a.conf'), '[all]\npattern = .*\nxFilesFactor = 0\naggregationMethod = sum')
  const rules = ['--storage-schemas', 's.conf', '--storage-aggregation', 'a.conf']
  const { code, stdout } = await kymo('import', 'whisper', tree, '--dry-run', '--json', ...rules)
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    series: 2,
    bytes: 2 * (16 + 24 + 12 * 1_068),
    sections: [{ section: 'all', series: 2, otherArchives: 0, otherAggregation: 1 }],
  })
  expect(await stored('a')).toEqual([])
})

test('an import that was interrupted goes on, when it is told to', async () => {
  for (const name of ['a', 'b', 'c']) whisperFile(`${name}.wsp`)
  const journal = {
    version: 1,
    source: tree,
    target: 'x',
    through: 'a.wsp',
    files: 1,
    bytes: 12_856,
    points: 1,
  }
  writeFileSync(join(folder, 'kymo-import.journal'), JSON.stringify(journal))
  const refused = await kymo('import', 'whisper', tree)
  expect(refused.code).toBe(64)
  expect(refused.stderr).toContain('import-unfinished')
  const { code, stdout } = await kymo('import', 'whisper', tree, '--resume', '--json', '--as-of', String(NOW))
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ files: 3 })
  expect(await stored('a')).toEqual([])
  expect((await stored('c')).length).toBeGreaterThan(60)
  expect((await kymo('import', 'whisper', tree)).code).toBe(0)
})

test('lines of Graphite come in, in any order, and the last of a time counts', async () => {
  writeFileSync(
    join(folder, 'lines'),
    `a.b 2 ${NOW - 60}\na.b 1 ${NOW - 120}\r\n\nbad line\nc;t=1 5 ${NOW}\n${'x'.repeat(70_000)} 1 1\na.b 3 ${NOW - 60}`,
  )
  const { code, stdout, stderr } = await kymo('import', 'carbon-lines', 'lines')
  expect(code).toBe(65)
  expect(stderr).toContain('refused: line 4: bad_number')
  expect(stderr).toContain('refused: line 6: it is too long')
  expect(stdout).toMatch(/^ok: 4 points of 7 lines .*\n2 lines were refused\.\n$/)
  expect(await stored('a.b')).toEqual([
    [-120, 1],
    [-60, 3],
  ])
  expect(await stored('c;t=1')).toEqual([[0, 5]])
})

test('CSV comes in, with a header or without', async () => {
  writeFileSync(
    join(folder, 'x.csv'),
    `Series,Time,Value\n"a;dc=fra;b=1",${NOW},1.5\na b,${(NOW - 1) * 1_000},2\na b,${new Date(NOW * 1_000).toISOString()},3\nc,,1\n`,
  )
  const { code, stderr } = await kymo('import', 'csv', 'x.csv')
  expect({ code, stderr }).toEqual({ code: 65, stderr: 'refused: line 5: "" is no time\n' })
  expect(await stored('a;b=1;dc=fra')).toEqual([[0, 1.5]])
  expect(await stored('a_b')).toEqual([
    [-1, 2],
    [0, 3],
  ])
})

test('points older than the store keeps them are counted', async () => {
  writeFileSync(join(folder, 'lines'), `a 1 1000000000\na 2 ${NOW}\n`)
  const { code, stdout } = await kymo('import', 'carbon-lines', 'lines')
  expect(code).toBe(0)
  expect(stdout).toContain('1 points are older than store.retention')
  const dry = await kymo('import', 'carbon-lines', 'lines', '--dry-run')
  expect(dry.stdout).toBe('2 points in 2 lines. Nothing was sent.\n')
})

test.each([
  [['import'], 'import needs to know what: whisper, carbon-lines, csv'],
  [['import', 'wisper', 'x'], 'there is no import of "wisper" (did you mean whisper?)'],
  [['import', 'whisper'], 'kymo import whisper DIR'],
  [['import', 'csv', 'a', 'b'], 'takes one place, not 2'],
  [['import', 'whisper', '.', '--as-of', 'monday'], '--as-of: "monday" is no time'],
] as [string[], string][])('%j: %s', async (argv, problem) => {
  const { code, stderr } = await kymo(...argv)
  expect(code).toBe(64)
  expect(stderr).toContain(problem)
})

test.each([
  [['whisper', 'none'], 'source-unreadable'],
  [['csv', 'none'], 'source-unreadable'],
  [['csv', '.'], 'it is a directory'],
  [['whisper', '.', '--dry-run', '--storage-schemas', 'none'], 'rules-unreadable'],
] as [string[], string][])('import %j: %s', async (argv, problem) => {
  const { code, stderr } = await kymo('import', ...argv)
  expect(code).not.toBe(0)
  expect(stderr).toContain(problem)
})
