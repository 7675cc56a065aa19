import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { bytesInMemory } from '../../src/formats/whisper/file-bytes.ts'
import { encodeHeader, type WhisperHeader } from '../../src/formats/whisper/header.ts'
import { readRing } from '../../src/formats/whisper/ring.ts'
import { update, updateMany } from '../../src/formats/whisper/update.ts'
import type { AggregationMethod } from '../../src/model/aggregation-method.ts'
import { freePort } from '../harness/free-port.ts'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'
import { callPython, hasPythonWhisper } from '../harness/python-whisper.ts'

// Files of the real whisper, moved into a real Kymo and out of it again.
const root = resolve(import.meta.dirname, '..', '..')
const why = hasPythonWhisper ? '' : ' (skipped: no python3-whisper)'

afterAll(cleanUp)

type Points = readonly (readonly [seconds: number, value: number])[]

interface SeenFile {
  readonly method: string
  readonly xff: number
  readonly archives: readonly (readonly [step: number, points: number])[]
  /** By archive, as whisper shows it. */
  readonly points: readonly Points[]
}

/** Place, archives, xFilesFactor, method, a point every so many seconds, for so long. */
type MadeSeries = readonly [
  string,
  readonly (readonly [number, number])[],
  number,
  AggregationMethod,
  number,
  number,
]

const ARCHIVES = [
  [10, 90],
  [60, 120],
  [600, 144],
] as const
const SERIES: readonly MadeSeries[] = [
  ['servers/web1/load.wsp', ARCHIVES, 0.5, 'average', 10, 86_000],
  ['servers/web1/load/short.wsp', ARCHIVES, 0, 'average', 10, 1_500],
  ['servers/web1/requests/count.wsp', ARCHIVES, 0, 'sum', 10, 86_000],
  ['servers/web1/latency/upper.wsp', ARCHIVES, 0.1, 'max', 10, 40_000],
  ['servers/web1/latency/lower.wsp', ARCHIVES, 0.1, 'min', 10, 40_000],
  ['servers/web2/gauge.wsp', ARCHIVES, 0, 'last', 30, 86_000],
  ['one.wsp', [[60, 1_440]], 0.5, 'average', 60, 86_000],
  ['_tagged/2da/01d/disk_DOT_used;dc=fra;host=web1.wsp', ARCHIVES, 0, 'last', 10, 50_000],
]
const NOW = Math.floor(Date.now() / 1_000)

/** What an import has to bring: of each archive what the finer ones do not show. */
function wanted({ archives, points }: SeenFile): Points {
  return points.flatMap((own, index) => {
    const [fineStep, finePoints] = archives[index - 1] ?? [1, 0]
    const reached = NOW - fineStep * finePoints
    const fineStart = index === 0 ? Number.POSITIVE_INFINITY : reached - (reached % fineStep) + fineStep
    return own.filter(([seconds]) => seconds < fineStart)
  })
}

function keyOf(place: string): string {
  const name = place.replace(/\.wsp$/, '')
  return name.startsWith('_tagged/') ? name.slice(16).replaceAll('_DOT_', '.') : name.replaceAll('/', '.')
}

function launch(args: readonly string[], cwd: string): ChildProcess {
  return spawn(process.execPath, [join(root, 'bin', 'kymo.js'), ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function kymo(
  args: readonly string[],
  cwd: string,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = launch(args, cwd)
  const said = { stdout: '', stderr: '' }
  child.stdout?.on('data', (text: Buffer) => (said.stdout += text.toString()))
  child.stderr?.on('data', (text: Buffer) => (said.stderr += text.toString()))
  await once(child, 'close')
  return { code: child.exitCode ?? -1, ...said }
}

async function rendered(server: KymoProcess, key: string): Promise<Points> {
  const [series] = await server.render(key.replaceAll('=', '\\='), String(NOW - 86_401), String(NOW))
  return (series?.datapoints ?? []).flatMap(([value, seconds]): [number, number][] =>
    value === null ? [] : [[seconds, value]],
  )
}

test.skipIf(!hasPythonWhisper)(`what whisper writes into a file, Kymo writes${why}`, () => {
  for (const seed of [1, 2, 3]) {
    const made = callPython<
      {
        path: string
        archives: [number, number][]
        xff: number
        method: AggregationMethod
        done: [string, [number, number][], number][]
      }[]
    >('operate', temporaryDirectory(), seed, 80)
    let identical = 0
    for (const { path, archives, xff, method, done } of made) {
      const encoded = encodeHeader({
        archives: archives.map(([stepSeconds, points]) => ({ stepSeconds, points })),
        method,
        xFilesFactor: xff,
      })
      if ('problem' in encoded) throw new Error(encoded.problem)
      const bytes = new Uint8Array(encoded.fileBytes)
      bytes.set(encoded.bytes)
      const whisper = { header: encoded.header, file: bytesInMemory(bytes) }
      for (const [operation, pairs, now] of done) {
        const points = pairs.map(([seconds, value]) => ({ seconds, value }))
        if (operation === 'update') for (const point of points) update(whisper, point, now)
        else updateMany(whisper, points, now)
      }
      const theirs = readFileSync(path)
      if (Buffer.compare(bytes, theirs) === 0) identical++
      // Several coarse slots that are first of all written at once may begin with any of them: Python's sets have an order of their own.
      expect(contents(whisper.header, bytes)).toEqual(contents(whisper.header, theirs))
    }
    expect(identical).toBeGreaterThan(made.length / 2)
  }
})

/** All points of all archives, whatever slot they are in. */
function contents(header: WhisperHeader, bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  return header.archives.flatMap(({ offsetBytes, points, stepSeconds }) =>
    Array.from({ length: points }, (_, slot) => {
      const at = offsetBytes + slot * 12
      return `${stepSeconds} ${view.getUint32(at)} ${view.getFloat64(at + 4)}`
    }).sort(),
  )
}

describe.skipIf(!hasPythonWhisper)(`a tree of the real whisper${why}`, () => {
  test('comes in point for point while Kymo runs, and goes out again', { timeout: 120_000 }, async () => {
    const folder = temporaryDirectory()
    const tree = join(folder, 'tree')
    callPython('make', tree, SERIES, NOW)
    symlinkSync(tree, join(tree, 'servers', 'loop'))
    writeFileSync(join(tree, 'servers', 'broken.wsp'), readFileSync(join(tree, 'one.wsp')).subarray(0, 1_000))
    const seen = callPython<Record<string, SeenFile>>(
      'read',
      tree,
      SERIES.map(([place]) => place),
      NOW,
    )
    const server = await KymoProcess.start()
    const url = ['--url', server.url('')]

    const imported = await kymo(['import', 'whisper', tree, '--as-of', String(NOW), ...url], folder)
    expect(imported.stderr).toContain('skipped: servers/loop: links are not followed')
    expect(imported.stderr).toContain('broken: servers/broken.wsp: it ends at byte 1000')
    expect(imported.code).toBe(65)
    for (const [place, file] of Object.entries(seen)) {
      const points = wanted(file)
      expect(points.length).toBeGreaterThan(50)
      expect([keyOf(place), await rendered(server, keyOf(place))]).toEqual([keyOf(place), sorted(points)])
    }

    writeRules(folder)
    const rules = ['--storage-schemas', 's.conf', '--storage-aggregation', 'a.conf']
    const exported = await kymo(['export', 'whisper', 'out', ...rules, ...url], folder)
    expect(exported).toMatchObject({ code: 0, stderr: '' })
    const laterNow = Math.floor(Date.now() / 1_000)
    const places = SERIES.map(([place]) => place)
    const again = callPython<Record<string, SeenFile>>('read', join(folder, 'out'), places, laterNow)
    for (const place of places) {
      const [before, after] = [seen[place], again[place]] as [SeenFile, SeenFile]
      expect({ ...after, points: [] }).toEqual({ ...before, points: [] })
      for (const [index, [step, points]] of before.archives.entries()) {
        // Of what has grown too old meanwhile, nothing is said, and nothing of the slots at the edges of finer archives: half of what
        // they were made of is not there any more.
        const oldest = laterNow - step * points + step
        const edges = before.archives
          .slice(0, index)
          .map(([fineStep, finePoints]) => NOW - fineStep * finePoints)
        const isCompared = (seconds: number): boolean =>
          seconds > oldest && edges.every((edge) => Math.abs(seconds - edge) > 2 * step)
        const compared = (all: Points = []): Points => all.filter(([seconds]) => isCompared(seconds))
        const [own, other] = [compared(before.points[index]), compared(after.points[index])]
        // Values of the coarser archives that were made of finer ones, which are no longer there, are as they were.
        expect([place, step, differences(own, other)]).toEqual([place, step, []])
      }
    }
    expect(await server.end()).toBe(0)
  })

  test('a carbon-lines file goes out, and in again, the same', { timeout: 60_000 }, async () => {
    const folder = temporaryDirectory()
    const tree = join(folder, 'tree')
    callPython('make', tree, SERIES.slice(0, 3), NOW)
    const data = ['--data', join(folder, 'data')]
    expect((await kymo(['import', 'whisper', tree, ...data], folder)).code).toBe(0)
    const lines = await kymo(['export', 'carbon-lines', ...data], folder)
    expect(lines.code).toBe(0)
    writeFileSync(join(folder, 'lines'), lines.stdout)
    const other = ['--data', join(folder, 'other')]
    expect((await kymo(['import', 'carbon-lines', 'lines', ...other], folder)).code).toBe(0)
    expect((await kymo(['export', 'carbon-lines', ...other], folder)).stdout).toBe(lines.stdout)
  })
})

/** By place, as carbon would have them for `SERIES`. */
function writeRules(folder: string): void {
  const schemas = SERIES.map(
    ([place, archives], index) =>
      `[s${index}]\npattern = ^${keyOf(place).replaceAll('.', '\\.')}$\nretentions = ${archives.map((pair) => pair.join(':')).join(',')}\n`,
  )
  const aggregations = SERIES.map(
    ([place, , xff, method], index) =>
      `[s${index}]\npattern = ^${keyOf(place).replaceAll('.', '\\.')}$\nxFilesFactor = ${xff}\naggregationMethod = ${method}\n`,
  )
  writeFileSync(join(folder, 's.conf'), schemas.join('\n'))
  writeFileSync(join(folder, 'a.conf'), aggregations.join('\n'))
}

function differences(a: Points, b: Points): string[] {
  const found = new Map(b)
  const missing = a.filter(([seconds, value]) => !isClose(found.get(seconds), value))
  const own = new Map(a)
  const more = b.filter(([seconds]) => !own.has(seconds))
  return [
    ...missing.map((point) => `missing ${point.join(' ')}, there is ${found.get(point[0])}`),
    ...more.map((point) => `more ${point.join(' ')}`),
  ]
}

function isClose(a: number | undefined, b: number): boolean {
  return a !== undefined && Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b))
}

function sorted(points: Points): Points {
  return points.toSorted((a, b) => a[0] - b[0])
}

describe('whoever is killed while a tree comes in', () => {
  const FILES = 240
  const POINTS = 43_200

  /** One file with an archive of 10 s, many times. */
  function manyFiles(folder: string): string {
    const tree = join(folder, 'tree')
    const encoded = encodeHeader({
      archives: [{ stepSeconds: 10, points: POINTS }],
      method: 'average',
      xFilesFactor: 0,
    })
    if ('problem' in encoded) throw new Error(encoded.problem)
    const bytes = new Uint8Array(encoded.fileBytes)
    bytes.set(encoded.bytes)
    const newest = NOW - (NOW % 10)
    const view = new DataView(bytes.buffer)
    const [archive] = encoded.header.archives
    for (let slot = 0; slot < POINTS; slot++) {
      const at = (archive?.offsetBytes ?? 0) + slot * 12
      view.setUint32(at, newest - (POINTS - 1 - slot) * 10)
      view.setFloat64(at + 4, (slot * 7_919) % 1_000)
    }
    for (let number = 0; number < FILES; number++) {
      const place = join(tree, `host${Math.floor(number / 20)}`, `${number}.wsp`)
      mkdirSync(join(place, '..'), { recursive: true })
      if (number === 0) writeFileSync(place, bytes)
      else copyFileSync(join(tree, 'host0', '0.wsp'), place)
    }
    const { count } = readRing(
      {
        archive: encoded.header.archives[0] as WhisperHeader['archives'][number],
        file: bytesInMemory(bytes),
      },
      newest - (POINTS - 1) * 10,
      newest + 10,
    )
    expect(count).toBe(POINTS)
    return tree
  }

  async function expectAll(server: KymoProcess, asOf: number): Promise<void> {
    const fresh = Math.floor(asOf / 10) * 10 - (POINTS - 1) * 10
    const count = Math.floor((NOW - (NOW % 10) - fresh) / 10) + 1
    const { series } = await server.json<{ series: { key: string }[] }>('/api/export/series?pattern=host*.*')
    expect(series).toHaveLength(FILES)
    for (let start = 0; start < series.length; start += 60) {
      const keys = series.slice(start, start + 60).map(({ key }) => key)
      const response = await fetch(server.url('/api/export/points'), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ key: keys, from_ms: String(fresh * 1_000) }),
      })
      const bytes = new DataView(await response.arrayBuffer())
      expect(bytes.getUint32(16, true)).toBe(keys.length * count)
    }
  }

  test('the import: --resume brings the rest', { timeout: 120_000 }, async () => {
    const folder = temporaryDirectory()
    const tree = manyFiles(folder)
    const server = await KymoProcess.start()
    const args = ['import', 'whisper', tree, '--as-of', String(NOW), '--url', server.url('')]
    const child = launch(args, folder)
    await until('something is safe', () => existsSync(join(folder, 'kymo-import.journal')), 60_000)
    child.kill('SIGKILL')
    await once(child, 'close')
    const refused = await kymo(args, folder)
    expect(refused.code).toBe(64)
    const resumed = await kymo([...args, '--resume', '--json'], folder)
    expect(resumed.code).toBe(0)
    const { files, stored } = JSON.parse(resumed.stdout) as { files: number; stored: number }
    expect(files).toBe(FILES)
    expect(stored).toBeLessThan(FILES * POINTS)
    expect(existsSync(join(folder, 'kymo-import.journal'))).toBe(false)
    await expectAll(server, NOW)
    expect(await server.end()).toBe(0)
  })

  test('Kymo: the import waits until it is there again', { timeout: 120_000 }, async () => {
    const folder = temporaryDirectory()
    const tree = manyFiles(folder)
    const data = join(folder, 'data')
    const port = String(await freePort())
    const options = { data, args: ['--http-port', port], cwd: folder }
    const first = await KymoProcess.start(options)
    const importing = kymo(
      ['import', 'whisper', tree, '--as-of', String(NOW), '--url', first.url('')],
      folder,
    )
    await until('something is safe', () => existsSync(join(folder, 'kymo-import.journal')), 60_000)
    await first.end('SIGKILL')
    const second = await KymoProcess.start(options)
    expect((await importing).code).toBe(0)
    await expectAll(second, NOW)
    expect(await second.end()).toBe(0)
  })
})
