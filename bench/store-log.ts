// The embedded store against the floor: writing against plain writes of the same bytes, reading (blocks, after a clean stop) against copying as
// many doubles. Prints one line of JSON. Run with `node bench/store-log.ts [hours] [series]`; it checks its own answers.
import {
  closeSync,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedStore, openReader } from '../src/store/index.ts'
import type { EngineReader } from '../src/store/engine.ts'
import type { SeriesIdentity } from '../src/model/series-identity.ts'

const hours = Number(process.argv[2] ?? 24)
const seriesCount = Number(process.argv[3] ?? 1_000)
const STEP_MS = 10_000
const HOUR_MS = 3_600_000
const START_MS = 1_700_000_000_000 - (1_700_000_000_000 % HOUR_MS)
const flushCount = (hours * HOUR_MS) / STEP_MS
const path = mkdtempSync(join(tmpdir(), 'kymo-bench-'))

try {
  const result = await run()
  console.log(JSON.stringify(result))
} finally {
  rmSync(path, { recursive: true })
}

async function run() {
  const series = Array.from({ length: seriesCount }, (_, index): SeriesIdentity => {
    const key = `stats.counters.host-${index % 50}.requests.${index}.count`
    return { key, metricKey: key, metricType: 'counter', statistic: 'count', rollup: 'sum' }
  })
  const options = { path: join(path, 'data'), retentionMs: 10 * 365 * 24 * HOUR_MS }
  let store = await openEmbeddedStore(options)
  const writeMs = await timed(() => {
    for (let flush = 0; flush < flushCount; flush++) {
      const timesMs = new Float64Array(seriesCount).fill(START_MS + flush * STEP_MS)
      const values = Float64Array.from(series, (_, index) => valueAt(flush, index))
      store.engine.append({ kind: 'number', series, timesMs, values }, 'flush')
    }
  })
  await store.engine.sync()
  const { pointCount, storedBytes: logBytes } = store.engine.stats()
  const packMs = await timed(() => store.close())

  const files = ['log', 'blocks'].flatMap((directory) => filesIn(join(options.path, directory)))
  const storedBytes = files.reduce((sum, file) => sum + statSync(file).size, 0)
  const writeFloorMs = await timed(() => writeFloor(logBytes))
  const readFloorMs = await timed(() => readFloor())

  let openedStore = store
  const openMs = await timed(async () => {
    openedStore = await openEmbeddedStore(options)
  })
  store = openedStore
  const reader = openReader(store.engine.share())
  const read = (rangeHours: number, keys = series) => {
    const endMs = START_MS + flushCount * STEP_MS
    const startMs = Math.max(START_MS, endMs - rangeHours * HOUR_MS)
    return timed(() => readAndCheck(reader, keys, { startMs, endMs }))
  }
  const firstReadMs = await read(0.5)
  const halfHourMs = await read(0.5)
  const oneSeriesMs = await read(hours, series.slice(7, 8))
  const allMs = await read(hours)
  await reader.close()
  await store.close()
  return {
    series: seriesCount,
    hours,
    pointCount,
    logBytes,
    storedBytes,
    bytesPerPoint: round(storedBytes / pointCount),
    packMs: round(packMs),
    writeMs: round(writeMs),
    writeFloorMs: round(writeFloorMs),
    writeRatio: round(writeMs / writeFloorMs),
    openMs: round(openMs),
    firstHalfHourReadMs: round(firstReadMs),
    halfHourReadMs: round(halfHourMs),
    oneSeriesReadMs: round(oneSeriesMs),
    allReadMs: round(allMs),
    readFloorMs: round(readFloorMs),
    readRatio: round(allMs / readFloorMs),
  }
}

async function readAndCheck(
  reader: EngineReader,
  series: readonly SeriesIdentity[],
  range: { startMs: number; endMs: number },
): Promise<void> {
  let checked = 0
  for await (const { key, startMs, values } of reader.read({ series, range, stepMs: STEP_MS })) {
    const index = Number(key.split('.').at(-2))
    const firstFlush = (startMs - START_MS) / STEP_MS
    // Every value of one series in ten, the ends of the others: checking must not become what is measured.
    const stride = checked % 10 === 0 ? 1 : Math.max(1, values.length - 1)
    for (let slot = 0; slot < values.length; slot += stride) {
      if (values[slot] !== valueAt(firstFlush + slot, index))
        throw new Error(`slot ${slot} of ${key} holds ${values[slot]}`)
    }
    checked++
  }
  if (checked !== series.length) throw new Error(`${checked} of ${series.length} series were read`)
}

function valueAt(flush: number, index: number): number {
  return 500 + ((flush * 7_919 + index * 104_729) % 997)
}

function filesIn(directory: string): string[] {
  return readdirSync(directory).map((name) => join(directory, name))
}

/** As many bytes in writes of the size of a flush. */
function writeFloor(byteCount: number): void {
  const chunk = Buffer.alloc(40 + seriesCount * 12, 1)
  const fd = openSync(join(path, 'floor'), 'w')
  for (let written = 0; written < byteCount; written += chunk.length)
    writeSync(fd, chunk, 0, chunk.length, written)
  fdatasyncSync(fd)
  closeSync(fd)
}

function readFloor(): void {
  const from = new Float64Array(flushCount).fill(1)
  const to = new Float64Array(flushCount)
  for (let series = 0; series < seriesCount; series++) to.set(from)
}

async function timed(action: () => void | Promise<void>): Promise<number> {
  const start = performance.now()
  await action()
  return performance.now() - start
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
