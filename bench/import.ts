// Moving a tree of whisper files into a Kymo that runs, as `kymo import whisper` does it: points a second of wall time, CPU of both processes,
// and how soon Kymo answers others meanwhile. The floor is reading and decoding the same files and sending nothing, in one thread. Whisper itself,
// where it is installed, reads them for comparison. What is in the store then is compared with the files, point by point.
// Run with `npm run bench:import -- [files] [seed]`.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { openWhisper, readWhisper } from '../src/cli/transfer/read-whisper.ts'
import { walkWhisperTree } from '../src/cli/transfer/whisper-tree.ts'
import { decodeColumns } from '../src/formats/point-columns/decode-columns.ts'
import { encodeHeader, POINT_BYTES } from '../src/formats/whisper/header.ts'
import { cleanUp, KymoProcess, temporaryDirectory } from '../test/harness/kymo.ts'
import { Random } from '../test/harness/random.ts'
import { endedChildrenCpuNs } from './store/child-cpu.ts'
import { HOST_SIGNALS } from './store/signals.ts'

const fileCount = Number(process.argv[2] ?? 400)
const seed = Number(process.argv[3] ?? 1)
const ARCHIVES = [
  { stepSeconds: 10, points: 8_640 },
  { stepSeconds: 60, points: 10_080 },
  { stepSeconds: 600, points: 12_960 },
]
const NOW = Math.floor(Date.now() / 1_000)
/** Files that are compared point by point. */
const COMPARED = 10
const root = resolve(import.meta.dirname, '..')

const folder = temporaryDirectory()
const tree = join(folder, 'tree')
makeTree()
const floor = readAll()
const whisper = readByWhisper()
const server = await KymoProcess.start({ flushInterval: '10s' })
// What is loaded with the first question is not what is measured.
await server.render('statsd.numStats', '-10min')
const answers = watchAnswers()
const startCpuNs = endedChildrenCpuNs()
const beganMs = performance.now()
const imported = await runImport()
const seconds = (performance.now() - beganMs) / 1_000
const clientCpuNs = endedChildrenCpuNs() - startCpuNs
const renderMs = await answers.stop()
const compared = await compare()
const endedWith = await server.end()
const serverCpuNs = endedChildrenCpuNs() - startCpuNs - clientCpuNs
cleanUp()

const pointsPerSecond = imported.stored / seconds
console.log(
  JSON.stringify({
    files: fileCount,
    points: imported.stored,
    seconds: round(seconds),
    millionPointsPerSecond: round(pointsPerSecond / 1e6),
    target: 5,
    floorMillionPointsPerSecond: round(floor.points / floor.seconds / 1e6),
    shareOfFloor: round(pointsPerSecond / (floor.points / floor.seconds)),
    whisperMillionPointsPerSecond:
      whisper === undefined ? null : round(whisper.points / whisper.seconds / 1e6),
    timesWhisper: whisper === undefined ? null : round(pointsPerSecond / (whisper.points / whisper.seconds)),
    clientCpuNsPerPoint: round(clientCpuNs / imported.stored),
    // Of its whole life: its start is in it, and that it packs what came before it ends.
    serverCpuNsPerPoint: round(serverCpuNs / imported.stored),
    renderMs,
    pointsCompared: compared,
  }),
)
const isRight = imported.stored === floor.points && imported.checked > 0 && endedWith === 0
if (!isRight) {
  console.error(
    `wrong: ${floor.points} points in the files, ${imported.stored} stored, ended with ${endedWith}`,
  )
  process.exitCode = 1
}

function makeTree(): void {
  const random = new Random(seed)
  const signals = Object.values(HOST_SIGNALS)
  for (let number = 0; number < fileCount; number++) {
    const encoded = encodeHeader({ archives: ARCHIVES, method: 'average', xFilesFactor: 0 })
    if ('problem' in encoded) throw new Error(encoded.problem)
    const bytes = new Uint8Array(encoded.fileBytes)
    bytes.set(encoded.bytes)
    const view = new DataView(bytes.buffer)
    for (const { offsetBytes, stepSeconds, points } of encoded.header.archives) {
      const valueAt = signals[number % signals.length]?.(random, 86_400 / stepSeconds)
      const newest = NOW - (NOW % stepSeconds)
      for (let slot = 0; slot < points; slot++) {
        const at = offsetBytes + slot * POINT_BYTES
        view.setUint32(at, newest - (points - 1 - slot) * stepSeconds)
        view.setFloat64(at + 4, valueAt?.(slot) ?? 0)
      }
    }
    const path = join(tree, 'servers', `web${Math.floor(number / 20)}`, `metric${number % 20}.wsp`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, bytes)
  }
}

/** Reads and decodes everything that an import would send. */
function readAll(): { points: number; seconds: number } {
  const startMs = performance.now()
  let points = 0
  for (const found of walkWhisperTree(tree)) {
    if (found.kind === 'skip') throw new Error(`${found.place}: ${found.reason}`)
    const whisperFile = openWhisper(found.path)
    if ('problem' in whisperFile) throw new Error(whisperFile.problem)
    for (const { count } of readWhisper(whisperFile, NOW)) points += count
    whisperFile.close()
  }
  return { points, seconds: (performance.now() - startMs) / 1_000 }
}

/** Python's whisper, reading each archive of each file. */
function readByWhisper(): { points: number; seconds: number } | undefined {
  const script = `
import json, os, sys, time, whisper
points, start = 0, time.time()
for directory, _, names in os.walk(sys.argv[1]):
    for name in names:
        path = os.path.join(directory, name)
        for archive in whisper.info(path)['archives']:
            _, values = whisper.fetch(path, ${NOW} - archive['retention'], ${NOW}, ${NOW})
            points += sum(1 for value in values if value is not None)
print(json.dumps({'points': points, 'seconds': time.time() - start}))`
  const result = spawnSync('/usr/bin/python3', ['-c', script, tree], { encoding: 'utf8' })
  if (result.status === 0) return JSON.parse(result.stdout) as { points: number; seconds: number }
  console.error('python3-whisper is not installed, and left out')
  return undefined
}

async function runImport(): Promise<{ stored: number; checked: number }> {
  const args = ['import', 'whisper', tree, '--as-of', String(NOW), '--url', server.url(''), '--json']
  const child = spawn(process.execPath, [join(root, 'bin', 'kymo.js'), ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (piece: Buffer) => (text += piece.toString()))
  await once(child, 'close')
  if (child.exitCode !== 0) throw new Error(`the import ended with ${child.exitCode}`)
  return JSON.parse(text) as { stored: number; checked: number }
}

/** Asks for a small graph every 50 ms, as a page would. */
function watchAnswers(): { stop(): Promise<{ p50: number; p99: number; most: number }> } {
  const tookMs: number[] = []
  let isStopped = false
  const asking = (async () => {
    while (!isStopped) {
      const startMs = performance.now()
      await server.render('statsd.numStats', '-10min')
      tookMs.push(performance.now() - startMs)
      await new Promise((done) => setTimeout(done, 50))
    }
  })()
  return {
    async stop() {
      isStopped = true
      await asking
      tookMs.sort((a, b) => a - b)
      const at = (share: number): number => round(tookMs[Math.floor(share * (tookMs.length - 1))] ?? 0)
      return { p50: at(0.5), p99: at(0.99), most: at(1) }
    },
  }
}

/** Of some files, every point that is still kept as it came. */
async function compare(): Promise<number> {
  let compared = 0
  let number = 0
  const rawFromMs = (NOW - 6 * 86_400) * 1_000
  for (const found of walkWhisperTree(tree)) {
    if (found.kind === 'skip' || number++ % Math.ceil(fileCount / COMPARED) !== 0) continue
    const response = await fetch(server.url('/api/export/points'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key: [found.key], from_ms: String(rawFromMs) }),
    })
    const columns = decodeColumns(new Uint8Array(await response.arrayBuffer()))
    if ('problem' in columns) throw new Error(columns.problem)
    const stored = new Map(Array.from(columns.timesMs, (timeMs, index) => [timeMs, columns.values[index]]))
    const file = openWhisper(found.path)
    if ('problem' in file) throw new Error(file.problem)
    for (const { count, seconds: times, values } of readWhisper(file, NOW)) {
      for (let index = 0; index < count; index++) {
        const timeMs = (times[index] ?? 0) * 1_000
        if (timeMs < rawFromMs) continue
        if (!Object.is(stored.get(timeMs), values[index]))
          throw new Error(`${found.key} at ${timeMs} is not as it was`)
        compared++
      }
    }
    file.close()
  }
  return compared
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
