// What 100,000 series cost to pass on: to a Graphite that reads and throws away, in a process of its own, and to a Prometheus that asks. Each beside a
// floor: the same bytes, made beforehand. And what it costs to hand sinks the values of timers, and packets. Prints one line of JSON. Run with `npm run bench:sinks -- [series]`; it checks its own answers.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { createSink } from '../src/sinks/create-sink.ts'
import { sinkOptions, type SinkOptions } from '../src/sinks/options.ts'
import type { Sink } from '../src/sinks/sink.ts'
import { flushBatchOf } from '../src/sinks/testdata/batches.ts'
import { testContext } from '../src/sinks/testdata/sink-context.ts'
import { systemClock } from '../src/lib/clock.ts'
import { measureFeeds } from './feeds.ts'

const ROUNDS = 9
const INTERVAL_MS = 10_000
const DRAIN = 'drain'

if (process.argv[2] === DRAIN) drain()
else await bench(Number(process.argv[2] ?? 100_000))

/** The other process: reads, and says how many lines and bytes there were whenever a connection ends. */
function drain(): void {
  const server = createServer((socket) => {
    let [lines, bytes] = [0, 0]
    socket.on('data', (chunk) => {
      bytes += chunk.length
      for (const byte of chunk) if (byte === 10) lines++
    })
    socket.on('close', () => process.send?.({ lines, bytes }))
  })
  server.listen(0, '127.0.0.1', () => process.send?.(server.address()))
  process.on('disconnect', () => process.exit())
}

async function bench(seriesCount: number): Promise<void> {
  const batches = Array.from({ length: ROUNDS }, (_, round) => {
    const { values, ...batch } = flushBatchOf(
      Array.from({ length: seriesCount }, (_series, index) => ({
        metricKey: `service${index % 50}.host${index % 1_000}.requests.endpoint${index}`,
        type: 'counter' as const,
        statistic: 'count' as const,
        value: 0,
      })),
    )
    return {
      ...batch,
      timestampMs: batch.timestampMs + round * INTERVAL_MS,
      values: values.map((_value, index) => (index * 7_919 + round) % 1_000),
    }
  })
  // The same objects from flush to flush, as the keeper has them.
  const series = batches[0]?.series ?? []
  const flushes = batches.map((batch) => ({ ...batch, series }))
  const { signal } = new AbortController()

  const child = fork(import.meta.filename, [DRAIN])
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  const graphite = await createSink(
    optionsOf('graphite', { host: '127.0.0.1', port }),
    testContext({ clock: systemClock }),
  )
  const graphiteMs: number[] = []
  for (const flush of flushes)
    graphiteMs.push(await cpuMs(async () => void (await graphite.flush?.(flush, signal))))
  await graphite.close()
  const [received] = (await once(child, 'message')) as [{ lines: number; bytes: number }]
  expectEqual('lines that Graphite was sent', received.lines, seriesCount * ROUNDS)

  const prepared = Buffer.alloc(received.bytes / ROUNDS, 'x')
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const floorMs: number[] = []
  for (let round = 0; round < ROUNDS; round++)
    floorMs.push(await cpuMs(() => new Promise((resolve) => socket.write(prepared, () => resolve()))))
  socket.destroy()
  child.disconnect()

  const prometheus = await createSink(optionsOf('prometheus', {}), testContext({ clock: systemClock }))
  for (const flush of flushes) await prometheus.flush?.(flush, signal)
  const exposeMs: number[] = []
  for (let round = 0; round < ROUNDS; round++)
    exposeMs.push(await cpuMs(async () => void lengthOf(prometheus)))
  const text = expose(prometheus)
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  expectEqual('series that Prometheus is answered', lines.length, seriesCount)
  const total = lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
  const wanted = flushes.reduce((sum, { values }) => sum + values.reduce((one, other) => one + other, 0), 0)
  expectEqual('the sum of all counters', total, wanted)
  const encoder = new TextEncoder()
  const encodeMs = await cpuMs(async () => void encoder.encode(text))

  console.log(
    JSON.stringify({
      series: seriesCount,
      graphiteFirstCpuMs: round(graphiteMs[0] ?? 0),
      graphiteCpuMs: round(median(graphiteMs.slice(1))),
      graphiteFloorCpuMs: round(median(floorMs)),
      graphiteToFloor: round(median(graphiteMs.slice(1)) / Math.max(0.1, median(floorMs))),
      prometheusFirstCpuMs: round(exposeMs[0] ?? 0),
      prometheusCpuMs: round(median(exposeMs.slice(1))),
      prometheusFloorCpuMs: round(encodeMs),
      prometheusToFloor: round(median(exposeMs.slice(1)) / Math.max(0.1, encodeMs)),
      ...measureFeeds(),
    }),
  )
}

/** What is streamed is not kept. */
function lengthOf(sink: Sink): number {
  let bytes = 0
  for (const piece of sink.expose?.('text') ?? []) bytes += piece.length
  return bytes
}

function expose(sink: Sink): string {
  let text = ''
  for (const piece of sink.expose?.('text') ?? []) text += Buffer.from(piece).toString()
  return text
}

function optionsOf(type: SinkOptions['type'], options: object): SinkOptions {
  return sinkOptions.parse({ type, ...options })
}

/** Of this process alone. */
async function cpuMs(action: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  await action()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

function expectEqual(what: string, found: number, wanted: number): void {
  if (found !== wanted) throw new Error(`${what}: ${found}, and not ${wanted}`)
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
