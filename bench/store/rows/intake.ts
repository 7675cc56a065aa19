import { join } from 'node:path'
import type { Bench } from '../../ingest/bench.ts'
import { atLeast } from '../../ingest/criterion.ts'
import { Rounds } from '../../ingest/rounds.ts'
import type { Row } from '../../ingest/row.ts'
import type { Spread } from '../../ingest/spread.ts'
import { sendText, writeGraphiteText } from '../graphite-text.ts'
import { KymoStore } from '../kymo-store.ts'
import { type PointSet, quickMetrics } from '../point-set.ts'
import { fill } from '../point-store.ts'
import { orSkipped } from '../rivals.ts'
import { checkStoredPoints } from '../stored-points.ts'
import { VictoriaMetrics } from '../victoria-metrics.ts'

const SEED = 2
/** 11 kinds of signals: about 10,000 series. */
const PER_KIND = 909
const STEPS = 3_000
/** Kymo compiles what is hot while it takes these: of so few it is a large part. */
const FIRST_STEPS = 300
const QUICK_STEPS = 60
const RATIO_TO_VICTORIA = 1.4

interface Input {
  readonly set: PointSet
  readonly textPath: string
}

export const intake: Row = {
  name: 'intake',
  about:
    'Graphite plaintext over TCP until it is on the disk and sealed, points per CPU-second, against VictoriaMetrics',
  async run(bench) {
    const { isQuick } = bench.options
    const all = inputOf(bench, isQuick ? QUICK_STEPS : STEPS)
    const first = isQuick ? undefined : inputOf(bench, FIRST_STEPS)
    const [rounds, firstRounds] = [new Rounds(), new Rounds()]
    let skipped: string | undefined
    await bench.rounds(async () => {
      skipped = await measure(bench, all, rounds)
      if (first !== undefined) await measure(bench, first, firstRounds)
    })
    return {
      figures: {
        points: all.set.pointCount,
        ...rounds.spreads(),
        ...(first && { firstPoints: first.set.pointCount, ...ofFirst(firstRounds.spreads()) }),
        ...(skipped !== undefined && { 'victoria-metrics': skipped }),
      },
      criteria:
        skipped === undefined
          ? [
              atLeast(
                RATIO_TO_VICTORIA,
                'points per CPU-second, of those of VictoriaMetrics',
                rounds.median('ratio'),
              ),
            ]
          : [],
    }
  },
}

function ofFirst(spreads: Readonly<Record<string, Spread>>): Record<string, Spread> {
  return Object.fromEntries(Object.entries(spreads).map(([name, spread]) => [`first.${name}`, spread]))
}

function inputOf(bench: Bench, steps: number): Input {
  const set = quickMetrics(SEED, PER_KIND, steps)
  const textPath = join(bench.place(), 'points.txt')
  writeGraphiteText(textPath, set)
  return { set, textPath }
}

/** Answers why VictoriaMetrics was not measured. */
async function measure(bench: Bench, { set, textPath }: Input, rounds: Rounds): Promise<string | undefined> {
  await using store = await KymoStore.start(bench)
  const stored = await fill(store, set, () => sendText(textPath, store.graphitePort))
  await checkStoredPoints(store.dataPath, set)
  rounds.add({
    kymoPointsPerCpuSecond: stored.pointsPerCpuSecond,
    kymoBytesPerPoint: stored.bytesPerPoint,
  })
  const rival = await orSkipped(async () => {
    await using other = await VictoriaMetrics.start(bench.place())
    return await fill(other, set, () => sendText(textPath, other.graphitePort))
  })
  if (typeof rival === 'string') return rival
  rounds.add({
    victoriaPointsPerCpuSecond: rival.pointsPerCpuSecond,
    victoriaBytesPerPoint: rival.bytesPerPoint,
    ratio: stored.pointsPerCpuSecond / rival.pointsPerCpuSecond,
  })
  return undefined
}
