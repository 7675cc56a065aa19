import { createSocket } from 'node:dgram'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StatsdProfile } from '../../src/formats/index.ts'
import { FuzzedIntake } from '../harness/fuzz/fuzzed-intake.ts'
import { createLineFuzzer } from '../harness/fuzz-lines.ts'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'
import { measureMemory, type Memory, watchableBy } from '../harness/memory-watch.ts'
import { OwnMetricsReading } from '../harness/own-metrics.ts'
import { Random } from '../harness/random.ts'

// Every way into two whole Kymos is sent lines that are nearly right, over sockets that behave badly, and every line has to be
// accounted for. `KYMO_FUZZ_SECONDS=600 KYMO_TEST_SEED=7` makes it longer and repeats what a failure was printed with.
const seconds = Number(process.env.KYMO_FUZZ_SECONDS ?? 12)
const seed = Number(process.env.KYMO_TEST_SEED ?? Date.now() % 1_000_000)

/** Each goes through all intakes one by one, then through all at once. Those of the second half send again what the first sent. */
const CYCLES = Math.max(4, 2 * Math.round(seconds / 80))
/** Names come from outside without end; then memory may only stay flat if the number of metrics is bounded. */
const MOST_METRICS = 3_000
const IDLE_TIMEOUT_MS = 2_000
/** How much more a process may hold after the second half, in which there was nothing new, than before it. */
const MOST_HEAP_GROWTH_MIB = 100
/** Of what the system gave it V8 keeps as much as it once needed, and how much that was depends on the machine. */
const MOST_RESIDENT_GROWTH = 1.75

interface Fuzzed {
  readonly kymo: KymoProcess
  readonly reports: string
  readonly intakes: readonly FuzzedIntake[]
  readonly memory: Memory[]
}

let fuzzed: readonly Fuzzed[]

beforeAll(async () => {
  fuzzed = [
    await startFuzzed('length', 'default', 'never'),
    await startFuzzed('lines', 'dogstatsd', `${IDLE_TIMEOUT_MS}ms`),
  ]
})
afterAll(cleanUp)

async function startFuzzed(
  framing: 'length' | 'lines',
  profile: StatsdProfile,
  idleTimeout: string,
): Promise<Fuzzed> {
  const directory = temporaryDirectory()
  const [file, reports] = [join(directory, 'kymo.yaml'), join(directory, 'reports')]
  const [datagramPath, streamPath] = [join(directory, 'd.sock'), join(directory, 's.sock')]
  writeFileSync(
    file,
    `receivers: 2
statsd:
  profile: ${profile}
  unix_datagram: ${datagramPath}
  unix_stream: ${streamPath}
  unix_framing: ${framing}
limits: { series: ${MOST_METRICS} }
aggregator:
  idle_timeout: { counter: ${idleTimeout}, gauge: ${idleTimeout}, timer: ${idleTimeout}, set: ${idleTimeout} }
`,
  )
  const kymo = await KymoProcess.start({ args: [file], env: watchableBy(reports) })
  const unixStream = new FuzzedIntake(kymo, 'statsd-unix-stream', {
    transport: framing === 'length' ? 'unix-frames' : 'unix-lines',
    dialect: profile,
    target: streamPath,
  })
  const [statsd, graphite] = [kymo.port('statsd'), kymo.port('graphite')]
  const others = [
    new FuzzedIntake(kymo, 'statsd-udp', { transport: 'udp', dialect: profile, target: statsd }),
    new FuzzedIntake(kymo, 'statsd-tcp', { transport: 'tcp', dialect: profile, target: statsd }),
    new FuzzedIntake(kymo, 'statsd-unix-datagram', {
      transport: 'unix-datagram',
      dialect: profile,
      target: datagramPath,
    }),
    new FuzzedIntake(kymo, 'graphite-tcp', { transport: 'tcp', dialect: 'graphite', target: graphite }),
    new FuzzedIntake(kymo, 'graphite-udp', { transport: 'udp', dialect: 'graphite', target: graphite }),
  ]
  // The second is there for what the first cannot have besides: lines on its Unix stream.
  return { kymo, reports, intakes: framing === 'length' ? [...others, unixStream] : [unixStream], memory: [] }
}

test(`${seconds} s of lines that are nearly right, seed ${seed}: every one is accounted for, and it goes on`, {
  timeout: (seconds * 3 + 120) * 1_000,
}, async () => {
  const intakes = fuzzed.flatMap((one) => one.intakes)
  const roundMs = (seconds * 1_000) / CYCLES / (intakes.length + 1)
  for (const { kymo } of fuzzed) await kymo.tcp('proof:1|c\n')
  await takeMemory()

  for (let cycle = 0; cycle < CYCLES; cycle++) {
    const known = cycle % (CYCLES / 2)
    const cycleSeed = seed + 1_000 * known
    // Of what breaks off nobody knows how much comes, so that every other time nothing does.
    const isRude = known % 2 === 1
    for (const [index, intake] of intakes.entries())
      await soundRound([intake], cycleSeed + index, roundMs, isRude)
    await soundRound(intakes, cycleSeed + intakes.length, roundMs, true)
    if ((cycle + 1) % (CYCLES / 2) === 0) await takeMemory()
  }

  await report()
  // In the second Kymo idle metrics go, the proof too; in the first they stay.
  await sleep(2 * IDLE_TIMEOUT_MS)
  for (const { kymo, memory } of fuzzed) {
    const [, middle, end] = memory as [Memory, Memory, Memory]
    expect(end.residentMiB).toBeLessThan(middle.residentMiB * MOST_RESIDENT_GROWTH)
    expect(end.heapMiB).toBeLessThan(middle.heapMiB + MOST_HEAP_GROWTH_MIB)
    expect((await OwnMetricsReading.take(kymo)).sum('kymo_flushes_total')).toBeGreaterThan(seconds / 2)
    await expectExactCounts(kymo)
    expect(await kymo.end()).toBe(0)
  }
})

/** Fuzzes some intakes at once, and checks what has to be true whenever a Kymo has come to rest. */
async function soundRound(
  intakes: readonly FuzzedIntake[],
  roundSeed: number,
  roundMs: number,
  isRude: boolean,
): Promise<void> {
  const kymos = [...new Set(intakes.map(({ kymo }) => kymo))]
  const before = await Promise.all(kymos.map((kymo) => OwnMetricsReading.take(kymo)))
  await Promise.all(intakes.map((intake, index) => intake.fuzz(roundSeed + 100 * index, roundMs, isRude)))
  for (const [index, kymo] of kymos.entries()) {
    expect((await fetch(kymo.url('/ready'))).status).toBe(200)
    const after = await OwnMetricsReading.take(kymo)
    const grown = (metric: string): number => after.sum(metric) - (before[index]?.sum(metric) ?? 0)
    const rejected = grown('kymo_rejected_lines_total')
    // With one intake at a time this holds of each of them, too.
    expect(grown('kymo_received_lines_total')).toBe(grown('kymo_accepted_lines_total') + rejected)
    expect(rejected).toBeGreaterThan(0)
    expect(after.sum('kymo_worker_restarts_total')).toBe(0)
    expect(kymo.stderr).not.toMatch(/BUG|"level":[56]0/)
  }
}

/**
 * What is stored of a clean counter, after all that: to the unit. Where it had gone and series of points, which count for an
 * hour, have taken its place meanwhile, the overflow metric has it.
 */
async function expectExactCounts(kymo: KymoProcess): Promise<void> {
  expect(await countOf(kymo, 'proof', 0)).toBe(1)
  const { lastFlushMs } = await kymo.json<{ lastFlushMs: number }>('/api/status')
  for (let sent = 0; sent < 42; sent++) await kymo.tcp('proof:1|c\n')
  await kymo.flush()
  // What the overflow metric has of before is no whole number any more.
  const proof = await countOf(kymo, 'proof', lastFlushMs)
  expect(proof + (await countOf(kymo, '__over_limit__', lastFlushMs))).toBe(42)
}

/** What was counted in intervals that ended after this time. */
async function countOf(kymo: KymoProcess, metric: string, afterMs: number): Promise<number> {
  const [series] = await kymo.render(`stats.counters.${metric}.count`)
  return (series?.datapoints ?? []).reduce(
    (sum, [value, seconds]) => (seconds * 1_000 > afterMs ? sum + (value ?? 0) : sum),
    0,
  )
}

async function takeMemory(): Promise<void> {
  for (const { kymo, reports, memory } of fuzzed)
    memory.push(await measureMemory(kymo.child.pid ?? 0, reports))
}

function write(row: object): void {
  process.stdout.write(`${JSON.stringify(row)}\n`)
}

/** For who asked for a long run. */
async function report(): Promise<void> {
  if (process.env.KYMO_FUZZ_SECONDS === undefined) return
  for (const { kymo, intakes, memory } of fuzzed) {
    write((await OwnMetricsReading.take(kymo)).rejected())
    for (const { listener, total } of intakes) write({ listener, ...total })
    for (const moment of memory) write(moment)
  }
}

test('garbage on the ports of HTTP and the console is answered or hung up on, and it stays up', async () => {
  const kymo = await KymoProcess.start()
  const random = new Random(seed)
  const fuzzer = createLineFuzzer(seed)
  for (let connection = 0; connection < 300; connection++) {
    const service = connection % 2 === 0 ? 'http' : 'admin'
    await hangUpOn(kymo.port(service), fuzzer.packet(), random.chance(0.5))
  }
  const paths = [
    '/render?target=',
    '/render?from=%00&target=a',
    '/metrics/find?query=%ff%fe',
    '/%2e%2e/%2e%2e/etc/passwd',
    `/render?target=${'('.repeat(5_000)}`,
    `/metrics/expand?query=${'{a,'.repeat(500)}`,
    '//',
    '/render?format=%3Cscript%3E&target=a',
  ]
  for (const path of paths) {
    const response = await fetch(kymo.url(path))
    expect(response.status, path).toBeLessThan(500)
    // Whatever is echoed is JSON or drawn, which no browser takes for a page, and never a stack.
    expect(response.headers.get('x-content-type-options'), path).toBe('nosniff')
    expect(response.headers.get('content-type'), path).toMatch(/^(application\/json|image\/png)/)
    expect(await response.text(), path).not.toMatch(/at .*\.ts:\d+/)
  }
  expect((await fetch(kymo.url('/ready'))).status).toBe(200)
  expect(await kymo.end()).toBe(0)
})

test('more connections than it takes, each with half a line: those beyond are refused, and the next client is served', async () => {
  const kymo = await KymoProcess.start()
  const sockets = Array.from({ length: 1_200 }, () => {
    const socket = connect(kymo.port('statsd'), '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write('half')
    return socket
  })
  const reading = () => OwnMetricsReading.take(kymo)
  await until('200 are refused', async () => (await reading()).sum('kymo_refused_connections_total') === 200)
  expect((await reading()).of('kymo_open_connections', 'statsd-tcp')).toBe(1_000)
  for (const socket of sockets) socket.resetAndDestroy()
  await until('they are gone', async () => (await reading()).of('kymo_open_connections', 'statsd-tcp') === 0)
  await kymo.tcp('proof:42|c')
  const after = await reading()
  expect(after.of('kymo_accepted_lines_total', 'statsd-tcp')).toBe(1)
  expect(after.sum('kymo_received_lines_total')).toBe(1 + after.sum('kymo_rejected_lines_total'))
  await kymo.flush()
  expect((await kymo.values('stats.counters.proof.count')).reduce((sum, count) => sum + count, 0)).toBe(42)
  expect(await kymo.end()).toBe(0)
})

test.skipIf(process.platform !== 'linux')(
  'a Kymo that stands still for a while: the kernel drops datagrams, and those are counted too',
  async () => {
    const kymo = await KymoProcess.start()
    const socket = createSocket('udp4')
    const sendOne = () =>
      new Promise((resolve) => socket.send('proof:1|c', kymo.port('statsd'), '127.0.0.1', resolve))
    kymo.child.kill('SIGSTOP')
    // More than the largest receive buffer holds.
    const sent = 150_000
    for (let batch = 0; batch < sent / 200; batch++) await Promise.all(Array.from({ length: 200 }, sendOne))
    kymo.child.kill('SIGCONT')
    socket.close()

    const received = async () => (await OwnMetricsReading.take(kymo)).sum('kymo_received_packets_total')
    const dropped = async () => (await OwnMetricsReading.take(kymo)).sum('kymo_kernel_dropped_packets_total')
    await until('all are accounted for', async () => (await received()) + (await dropped()) >= sent)
    expect((await received()) + (await dropped())).toBe(sent)
    expect(await dropped()).toBeGreaterThan(0)
    await kymo.flush()
    const counts = await kymo.values('stats.counters.proof.count')
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(await received())
    expect(await kymo.end()).toBe(0)
  },
)

/** Says something and goes; it does not wait long for an answer. */
async function hangUpOn(port: number, bytes: Uint8Array, isReset: boolean): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), closed])
  socket.write(bytes)
  if (isReset) socket.resetAndDestroy()
  else socket.end()
  socket.resume()
  await Promise.race([closed, sleep(200)])
  socket.destroy()
}
