import type { Bench } from '../bench.ts'
import { sleep } from '../child.ts'
import { atMost } from '../criterion.ts'
import { NO_STORE } from '../kymo-process.ts'
import { watchMemory } from '../resident-memory.ts'
import type { Row } from '../row.ts'
import { Rounds } from '../rounds.ts'
import { expectEqual } from '../wrong-answer.ts'

const SETTLING_SECONDS = 5
/** By then what was run often has been compiled for good, and what making the names known has left behind has been given back. */
const BUSY_SETTLING_SECONDS = 20
const COUNTERS = 100_000
const MEGABYTE = 1_000_000
/** What was sent last has been read by then. */
const READING_MS = 2_000

const MODES = [
  { mode: 'noStore', args: () => NO_STORE, idleLimit: 90 },
  { mode: 'allInOne', args: (bench: Bench) => ['--data', bench.place()], idleLimit: 150 },
] as const
/**
 * What a busy one may take above an idle one. "40 MB more" can mean more than it takes, or more than it may take: both are held
 * against it.
 */
const BUSY_MORE = 40

/** What a Kymo takes that has nothing to do, and what one takes that has something to do. */
export const memory: Row = {
  name: 'memory',
  about: 'resident memory, idle and with 100,000 counters every second, with --no-store and all in one',
  async run(bench) {
    const rounds = new Rounds()
    await bench.rounds(async () => {
      for (const { mode, args } of MODES) {
        const idle = await idleMegabytes(bench, args(bench))
        const busy = await busyMegabytes(bench, args(bench))
        rounds.add({
          [`${mode}IdleMegabytes`]: idle,
          [`${mode}BusyMegabytes`]: busy,
          [`${mode}MoreMegabytes`]: busy - idle,
        })
      }
    })
    return {
      figures: rounds.spreads(),
      criteria: MODES.flatMap(({ mode, idleLimit }) => [
        atMost(idleLimit, `${mode}: megabytes, idle`, rounds.median(`${mode}IdleMegabytes`)),
        atMost(
          idleLimit + BUSY_MORE,
          `${mode}: megabytes with 100,000 counters a second`,
          rounds.median(`${mode}BusyMegabytes`),
        ),
        atMost(
          BUSY_MORE,
          `${mode}: megabytes more with 100,000 counters a second`,
          rounds.median(`${mode}MoreMegabytes`),
        ),
      ]),
    }
  },
}

async function idleMegabytes(bench: Bench, args: readonly string[]): Promise<number> {
  await using kymo = await bench.kymo({ args })
  return (await watchMemory(kymo.pid, SETTLING_SECONDS)).median / MEGABYTE
}

/**
 * The median over the end of the load, when it has settled as the idle one has. Kymo is asked what it received only afterwards: the question would have it load the
 * HTTP application, which is not what is measured.
 */
async function busyMegabytes(bench: Bench, args: readonly string[]): Promise<number> {
  const payload = bench.payload({ kind: 'counters', names: COUNTERS, linesPerDatagram: 30 })
  await using kymo = await bench.kymo({ args, flushInterval: '1s' })
  const seconds = bench.options.loadSeconds
  // All counters once in each second.
  const load = { payload, seconds, datagramsPerSecond: payload.datagrams }
  const settlingSeconds = bench.options.isQuick ? seconds : BUSY_SETTLING_SECONDS
  const before = await bench.sender.send(kymo.port, { ...load, seconds: settlingSeconds })
  const [watched, during] = await Promise.all([
    watchMemory(kymo.pid, seconds),
    bench.sender.send(kymo.port, load),
  ])
  await sleep(READING_MS)
  const { receivedDatagrams, droppedDatagrams } = await kymo.counts()
  expectEqual(
    'datagrams received + dropped',
    receivedDatagrams + droppedDatagrams,
    before.datagrams + during.datagrams,
  )
  return watched.median / MEGABYTE
}
