import { sleep } from '../child.ts'
import { atMost } from '../criterion.ts'
import type { Kymo } from '../kymo-process.ts'
import { probeDuring } from '../ready-probe.ts'
import { watchMemory } from '../resident-memory.ts'
import type { Row } from '../row.ts'
import { Rounds } from '../rounds.ts'
import { quantileOf, spreadOf } from '../spread.ts'
import { WrongAnswer } from '../wrong-answer.ts'

const SERIES = 1_000_000
const SETTLING_SECONDS = 5
const MOST_FLUSHES = 20
/** Until a flush that was not complete is asked for again. */
const LATE_MS = 500
const DATAGRAMS_PER_SECOND = 8_000
const FLUSHES_PER_ROUND = 2
/** Longer than it takes to send them all: no flush but those that are asked for. */
const FLUSH_INTERVAL = '1m'

/** The most that is ever done at once: nobody who asks for something else may notice. A gauge is one series. */
export const flush: Row = {
  name: 'flush',
  about: 'a flush of 1,000,000 series (gauges with names of 50 bytes), and how long /ready takes meanwhile',
  async run(bench) {
    const payload = bench.payload({ kind: 'gauges', names: SERIES, linesPerDatagram: 30 })
    await using kymo = await bench.kymo({ flushInterval: FLUSH_INTERVAL })
    const idle = await watchMemory(kymo.pid, SETTLING_SECONDS)
    const quietMs = await probeDuring(kymo.url('/ready'), () => sleep(2_000))
    let datagramsPerSecond = DATAGRAMS_PER_SECOND
    const rounds = new Rounds()
    const readyMs: number[] = []
    await bench.rounds(async () => {
      for (let flushes = 0; flushes < FLUSHES_PER_ROUND; flushes++) {
        datagramsPerSecond = await bench.sendWithoutLoss(kymo, payload, datagramsPerSecond)
        const before = await flushesSoFar(kymo)
        const startMs = performance.now()
        readyMs.push(...(await probeDuring(kymo.url('/ready'), () => flushAll(kymo))))
        const requestMs = performance.now() - startMs
        const after = await flushesSoFar(kymo)
        rounds.add({
          flushMs: (after.seconds - before.seconds) * 1_000,
          requestMs,
          flushes: after.count - before.count,
          latePartials: after.latePartials - before.latePartials,
        })
      }
    })
    const flushed = await watchMemory(kymo.pid, SETTLING_SECONDS)
    return {
      figures: {
        ...rounds.spreads(),
        datagramsPerSecondWithoutLoss: datagramsPerSecond,
        readyMs: spreadOf(readyMs),
        readyMsP99: quantileOf(readyMs, 0.99),
        quietReadyMsP99: quantileOf(quietMs, 0.99),
        readyAnswers: readyMs.length,
        bytesPerSeries: Math.round((flushed.median - idle.median) / SERIES),
      },
      criteria: [atMost(50, '99 % of answers of /ready while it flushes, ms', quantileOf(readyMs, 0.99))],
    }
  },
}

/** A shard that takes too long to hand over what it has is in the next flush. */
async function flushAll(kymo: Kymo): Promise<void> {
  let series = 0
  for (let flushes = 0; flushes < MOST_FLUSHES; flushes++) {
    series = await kymo.flush()
    if (series >= SERIES) return
    await sleep(LATE_MS)
  }
  throw new WrongAnswer(`after ${MOST_FLUSHES} flushes one had ${series} series and not ${SERIES}`)
}

/** Seconds as Kymo measures them: from the end of an interval until the batch is handed on. */
async function flushesSoFar(kymo: Kymo): Promise<{ seconds: number; count: number; latePartials: number }> {
  const metrics = await kymo.metrics()
  return {
    seconds: metrics.sum('kymo_flush_duration_seconds_sum'),
    count: metrics.sum('kymo_flush_duration_seconds_count'),
    latePartials: metrics.sum('kymo_late_partials_total'),
  }
}
