import type { Bench } from '../bench.ts'
import { sleep } from '../child.ts'
import { atMost } from '../criterion.ts'
import { residentBytes } from '../process-memory.ts'
import { watchMemory } from '../resident-memory.ts'
import { Rounds } from '../rounds.ts'
import type { Row } from '../row.ts'
import { WrongAnswer } from '../wrong-answer.ts'

const COUNTERS = 1_000_000
/** Kymo counts those about itself among them. */
const MOST_OWN_METRICS = 20
const SETTLING_SECONDS = 5
const WATCHED_SECONDS = 20
const DATAGRAMS_PER_SECOND = 8_000

/** What a name costs for as long as it is known: through two intervals, in which each counter comes again. */
export const counterMemory: Row = {
  name: 'counter-memory',
  about: 'resident memory of 1,000,000 counters with names of 50 bytes, above idle',
  async run(bench) {
    const rounds = new Rounds()
    await bench.rounds(() => measure(bench, rounds))
    return {
      figures: rounds.spreads(),
      criteria: [atMost(220, 'resident bytes per counter, above idle', rounds.median('bytesPerCounter'))],
    }
  },
}

async function measure(bench: Bench, rounds: Rounds): Promise<void> {
  const payload = bench.payload({ kind: 'counters', names: COUNTERS, linesPerDatagram: 30 })
  await using kymo = await bench.kymo()
  // What answers HTTP is loaded when it is asked first, and is no counter's.
  await kymo.flush()
  await kymo.metrics()
  await sleep(SETTLING_SECONDS * 1_000)
  const idle = await watchMemory(kymo.pid, SETTLING_SECONDS)
  const firstRate = await bench.sendWithoutLoss(kymo, payload, DATAGRAMS_PER_SECOND)
  const afterFirstPass = residentBytes(kymo.pid)
  await kymo.flush()
  const metrics = (await kymo.metrics()).sum('kymo_metrics')
  if (metrics < COUNTERS || metrics > COUNTERS + MOST_OWN_METRICS)
    throw new WrongAnswer(`${metrics} metrics are aggregated and not ${COUNTERS}`)
  const watching = watchMemory(kymo.pid, WATCHED_SECONDS)
  for (const end = performance.now() + WATCHED_SECONDS * 1_000; performance.now() < end; await sleep(1_000))
    await bench.sendWithoutLoss(kymo, payload, firstRate)
  const held = await watching
  const perCounter = (bytes: number): number => Math.round((bytes - idle.median) / COUNTERS)
  rounds.add({
    idleBytes: idle.median,
    datagramsPerSecondWithoutLoss: firstRate,
    bytesPerCounterAfterFirstPass: perCounter(afterFirstPass),
    bytesPerCounterLeast: perCounter(held.min),
    bytesPerCounter: perCounter(held.median),
    bytesPerCounterMost: perCounter(held.max),
  })
}
