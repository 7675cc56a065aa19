// The HTTP service of a whole Kymo: points in as lines of Graphite against the same lines by TCP, and how long renders and finds take
// against an answer that says nothing. Prints one line of JSON. Run with `node bench/service.ts [points]`; it checks its own answers.
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kymo, SOURCE_COMMAND } from './ingest/kymo-process.ts'
import { cpuNsBetween, readCpu } from './ingest/process-cpu.ts'

const wantedPoints = Number(process.argv[2] ?? 1_000_000)
const SERIES = 10_000
const ROUNDS = Math.max(1, Math.round(wantedPoints / SERIES))
const points = ROUNDS * SERIES
const BODY_BYTES = 2 * 1024 * 1024
const ASKED = 200

const directory = mkdtempSync(join(tmpdir(), 'kymo-bench-'))
const kymo = await Kymo.start({
  command: SOURCE_COMMAND,
  directory,
  args: ['--data', join(directory, 'data')],
})
try {
  const startSeconds = Math.floor(Date.now() / 10_000) * 10 - 10 * ROUNDS
  // Both have met every name once: what a new name costs is another question.
  await byHttp(linesOf('http', startSeconds, 1))
  await byTcp(linesOf('tcp', startSeconds, 1))
  await stored(2 * SERIES)

  const http = await measured(() => byHttp(linesOf('http', startSeconds, ROUNDS)), 2 * SERIES + points)
  const tcp = await measured(() => byTcp(linesOf('tcp', startSeconds, ROUNDS)), 2 * SERIES + 2 * points)

  const day = 8_640
  await byHttp(
    Buffer.from(
      Array.from({ length: day }, (_value, index) => {
        const seconds = startSeconds + 10 * (ROUNDS - 1) - 10 * (day - 1 - index)
        return `one.day ${index % 97} ${seconds}\n`
      }).join(''),
    ),
  )
  await stored(2 * SERIES + 2 * points + day)

  const until = startSeconds + 10 * (ROUNDS - 1)
  const floor = await timed('/version', (text) => text.startsWith('1.'))
  const oneDay = `/render?target=one.day&from=${until - 86_400}&until=${until}&format=json`
  const hasDay = (text: string): boolean => text.length > day * 10 && text.endsWith(`,${until}]]}]`)
  const sum = `/render?target=sumSeries(http.group1.*)&from=${until - 3_600}&until=${until}&format=json`
  const hasSum = (text: string): boolean =>
    text.includes('sumSeries(http.group1.*)') && text.endsWith(`,${until}]]}]`)
  const renders = {
    oneSeriesOneDay: await timed(`${oneDay}&noCache=1`, hasDay),
    oneSeriesOneDayKept: await timed(oneDay, hasDay),
    sumOf1000: await timed(`${sum}&noCache=1`, hasSum),
    sumOf1000Kept: await timed(sum, hasSum),
    find1000: await timed(
      '/metrics/find?query=http.group1.*',
      (text) => text.split('"leaf":1').length === 1_001,
    ),
    find1000InRange: await timed(
      `/metrics/find?query=http.group1.*&from=${until - 60}&until=${until}`,
      (text) => text.split('"leaf":1').length === 1_001,
    ),
  }

  console.log(
    JSON.stringify({
      points,
      httpPointsPerCpuSecond: Math.round(http),
      tcpPointsPerCpuSecond: Math.round(tcp),
      httpToTcp: round(http / tcp),
      floorMs: floor,
      ...renders,
      oneDayToFloor: round(renders.oneSeriesOneDay.p50 / floor.p50),
      keptToFloor: round(renders.oneSeriesOneDayKept.p50 / floor.p50),
    }),
  )
} finally {
  await kymo.stop()
  rmSync(directory, { recursive: true, force: true })
}

/** Points of each name in turn, as a sender of many names has them. */
function linesOf(prefix: string, startSeconds: number, rounds: number): Buffer {
  const lines: string[] = []
  for (let roundIndex = 0; roundIndex < rounds; roundIndex++) {
    const seconds = startSeconds + roundIndex * 10
    for (let index = 0; index < SERIES; index++)
      lines.push(`${prefix}.group${index % 10}.name${index} ${(index * 7 + roundIndex) % 1_000} ${seconds}\n`)
  }
  return Buffer.from(lines.join(''))
}

async function byHttp(lines: Buffer): Promise<void> {
  for (let start = 0; start < lines.length; ) {
    const end = lines.indexOf(0x0a, Math.min(start + BODY_BYTES, lines.length - 1)) + 1
    const response = await fetch(kymo.url('/api/write/graphite'), {
      method: 'POST',
      body: Uint8Array.from(lines.subarray(start, end)),
    })
    if (response.status !== 204) throw new Error(`${response.status}: ${await response.text()}`)
    start = end
  }
}

function byTcp(lines: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(kymo.graphitePort, '127.0.0.1')
    socket.on('error', reject)
    socket.on('close', () => resolve())
    socket.resume()
    socket.end(lines)
  })
}

/** Points a second of CPU, of the whole process, until all are stored and forced to the disk. */
async function measured(send: () => Promise<void>, storedThen: number): Promise<number> {
  const before = readCpu(kymo.pid)
  await send()
  await stored(storedThen)
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  return points / (cpuNsBetween(before, readCpu(kymo.pid)) / 1e9)
}

async function stored(count: number): Promise<void> {
  for (;;) {
    const response = await fetch(kymo.url('/metrics'))
    const text = await response.text()
    if (Number(/^kymo_stored_points_total (\d+)/m.exec(text)?.[1] ?? 0) >= count) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function timed(
  path: string,
  isRight: (text: string) => boolean,
): Promise<{ p50: number; p99: number }> {
  const took: number[] = []
  for (let index = 0; index < ASKED + 20; index++) {
    const began = performance.now()
    const response = await fetch(kymo.url(path))
    const text = await response.text()
    if (index >= 20) took.push(performance.now() - began)
    if (!response.ok || !isRight(text)) throw new Error(`a wrong answer of ${path}: ${text.slice(0, 300)}`)
  }
  took.sort((a, b) => a - b)
  return { p50: round(took[ASKED >> 1] ?? 0), p99: round(took[Math.floor(ASKED * 0.99)] ?? 0) }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
