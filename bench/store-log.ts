// The recent end of the embedded store, each part against a floor of the same run: appending (log and head) against plain writes of as
// many bytes; reading from the head against copying as many doubles; sealing; opening what a crash leaves. Times are CPU time of the whole
// process. Prints one line of JSON. Run with `node bench/store-log.ts [series] [flushes]`; it checks its own answers.
import {
  closeSync,
  cpSync,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SeriesIdentity } from '../src/model/series-identity.ts'
import { HeadWriter } from '../src/store/embedded/head/head-writer.ts'
import { ReadableHead } from '../src/store/embedded/head/readable-head.ts'
import type { Engine } from '../src/store/engine.ts'
import { openEmbeddedStore, openReader } from '../src/store/index.ts'

const seriesCount = Number(process.argv[2] ?? 20_000)
const flushCount = Number(process.argv[3] ?? 60)
const STEP_MS = 10_000
const START_MS = 1_700_000_000_000 - (1_700_000_000_000 % 3_600_000)
const READ_SERIES = 1_000
const pointCount = seriesCount * flushCount
const path = mkdtempSync(join(tmpdir(), 'kymo-bench-'))
const data = join(path, 'data')
const crashed = join(path, 'crashed')

try {
  console.log(
    JSON.stringify({ series: seriesCount, flushes: flushCount, ...headAlone(), ...(await wholeStore()) }),
  )
} finally {
  rmSync(path, { recursive: true })
}

/** Bytes of memory, and time, of a head by itself. */
function headAlone() {
  const series = seriesOf(seriesCount)
  const head = new HeadWriter({ number: 1, seed: 1 })
  const introduced = cpuNs(() => {
    for (const [slot, identity] of series.entries()) head.introduce(slot, identity)
  })
  const numbers = Uint32Array.from(series.keys())
  let appended = 0
  for (let flush = 0; flush < flushCount; flush++) {
    const values = valuesOf(flush)
    appended += cpuNs(() => head.appendFlush({ numbers, values }, START_MS + flush * STEP_MS))
  }
  const readable = new ReadableHead(head.pages)
  const decoded = cpuNs(() => {
    for (let slot = 0; slot < seriesCount; slot++) readable.series(slot)
  })
  for (const [slot, identity] of series.entries()) {
    const { points, values } = readable.series(readable.find(identity.key))
    for (let flush = 0; flush < points; flush += 7) check(values[flush], flush, slot)
    if (points !== flushCount) throw new Error(`${identity.key} has ${points} points`)
  }
  return {
    headBytesPerSeries: round(head.memoryBytes / seriesCount),
    introduceNsPerSeries: round(introduced / seriesCount),
    headAppendNsPerPoint: round(appended / pointCount),
    headDecodeNsPerPoint: round(decoded / pointCount),
  }
}

async function wholeStore() {
  const series = seriesOf(seriesCount)
  const store = await openEmbeddedStore({ path: data })
  const { engine } = store
  let slowest = 0
  let appended = 0
  const wallStart = performance.now()
  for (let flush = 0; flush < flushCount; flush++) {
    const timeMs = START_MS + flush * STEP_MS
    const values = valuesOf(flush)
    const flushNs = cpuNs(() => engine.appendFlush({ timeMs, series, values }))
    appended += flushNs
    slowest = Math.max(slowest, flushNs)
  }
  const appendWallMs = performance.now() - wallStart
  await engine.sync()
  const logBytes = bytesIn(join(data, 'log'))
  const floor = cpuNs(() => writeFloor(logBytes))

  const reader = openReader(engine.share())
  await readAll(reader, series)
  const read = await cpuNsOf(() => readAll(reader, series))
  const readFloor = cpuNs(copyFloor)
  const readPoints = Math.min(READ_SERIES, seriesCount) * flushCount

  // What is on the disk now is what a crash would leave.
  cpSync(data, crashed, { recursive: true })
  const sealed = await cpuNsOf(() => reader.close().then(() => store.close()))
  const openWall = performance.now()
  const opened = await openEmbeddedStore({ path: crashed })
  const openWallMs = performance.now() - openWall
  const again = openReader(opened.engine.share())
  await readAll(again, series)
  await again.close()
  await opened.close()
  return {
    logBytes,
    appendNsPerPoint: round(appended / pointCount),
    appendFloorNsPerPoint: round(floor / pointCount),
    appendRatio: round(appended / floor),
    slowestAppendMs: round(slowest / 1e6),
    appendWallMs: round(appendWallMs),
    readNsPerPoint: round(read / readPoints),
    readMs: round(read / 1e6),
    readRatio: round(read / readFloor),
    sealNsPerPoint: round(sealed / pointCount),
    blockBytesPerPoint: round(bytesIn(join(data, 'blocks')) / pointCount),
    openAfterCrashMs: round(openWallMs),
  }
}

function seriesOf(count: number): SeriesIdentity[] {
  return Array.from({ length: count }, (_, index): SeriesIdentity => {
    const metricKey = `host-${index % 50}.requests.${index}`
    const key = `stats.counters.${metricKey}.count`
    return { key, metricKey, metricType: 'counter', statistic: 'count', rollup: 'sum' }
  })
}

/** Half of the series are idle; the others are counts, gauges of one decimal, and means with all their digits. */
function valueAt(flush: number, index: number): number {
  if (index % 2 === 0) return 0
  const noise = (flush * 7_919 + index * 104_729) % 997
  if (index % 6 === 1) return noise
  if (index % 6 === 3) return (5_000 + noise) / 10
  return 100 + Math.sin(noise)
}

function valuesOf(flush: number): Float64Array {
  return Float64Array.from({ length: seriesCount }, (_, index) => valueAt(flush, index))
}

async function readAll(reader: Pick<Engine, 'read'>, series: readonly SeriesIdentity[]): Promise<void> {
  const stride = Math.max(1, Math.floor(series.length / READ_SERIES))
  const wanted = series.filter((_, index) => index % stride === 0).slice(0, READ_SERIES)
  const range = { startMs: START_MS, endMs: START_MS + flushCount * STEP_MS }
  for await (const { key, values } of reader.read({ series: wanted, range, stepMs: STEP_MS })) {
    const index = Number(key.split('.').at(-2))
    for (let flush = 0; flush < flushCount; flush += 7) check(values[flush], flush, index)
  }
}

function check(value: number | undefined, flush: number, index: number): void {
  if (!Object.is(value, valueAt(flush, index)))
    throw new Error(`flush ${flush} of series ${index} is ${value}`)
}

function bytesIn(directory: string): number {
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0)
}

/** As many bytes, in writes of the size of a flush. */
function writeFloor(byteCount: number): void {
  const chunk = Buffer.alloc(48 + seriesCount * 12, 1)
  const file = join(path, 'floor')
  const fd = openSync(file, 'w')
  for (let written = 0; written < byteCount; written += chunk.length)
    writeSync(fd, chunk, 0, chunk.length, written)
  fdatasyncSync(fd)
  closeSync(fd)
  unlinkSync(file)
}

function copyFloor(): void {
  const from = new Float64Array(flushCount).fill(1)
  const to = new Float64Array(flushCount)
  for (let series = 0; series < Math.min(READ_SERIES, seriesCount); series++) to.set(from)
}

function cpuNs(action: () => void): number {
  const start = process.cpuUsage()
  action()
  const { user, system } = process.cpuUsage(start)
  return (user + system) * 1_000
}

async function cpuNsOf(action: () => Promise<void>): Promise<number> {
  const start = process.cpuUsage()
  await action()
  const { user, system } = process.cpuUsage(start)
  return (user + system) * 1_000
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
