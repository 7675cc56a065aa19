import { join } from 'node:path'
import { atLeast } from '../../ingest/criterion.ts'
import { Rounds } from '../../ingest/rounds.ts'
import type { Row } from '../../ingest/row.ts'
import { sendText, writeGraphiteText } from '../graphite-text.ts'
import { KymoStore } from '../kymo-store.ts'
import { quickMetrics } from '../point-set.ts'
import { fill } from '../point-store.ts'
import { orSkipped } from '../rivals.ts'
import { checkStoredPoints } from '../stored-points.ts'
import { VictoriaMetrics } from '../victoria-metrics.ts'

const SEED = 2
/** 11 kinds of signals: about 10,000 series. */
const PER_KIND = 909
const STEPS = 300
const QUICK_STEPS = 60
const RATIO_TO_VICTORIA = 1.4

export const intake: Row = {
  name: 'intake',
  about:
    'Graphite plaintext over TCP until it is on the disk and sealed, points per CPU-second, against VictoriaMetrics',
  async run(bench) {
    const set = quickMetrics(SEED, PER_KIND, bench.options.isQuick ? QUICK_STEPS : STEPS)
    const textPath = join(bench.place(), 'points.txt')
    writeGraphiteText(textPath, set)
    const rounds = new Rounds()
    let victoria: unknown
    let hasVictoria = false
    await bench.rounds(async () => {
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
      if (typeof rival === 'string') {
        victoria = rival
        return
      }
      hasVictoria = true
      rounds.add({
        victoriaPointsPerCpuSecond: rival.pointsPerCpuSecond,
        victoriaBytesPerPoint: rival.bytesPerPoint,
        ratio: stored.pointsPerCpuSecond / rival.pointsPerCpuSecond,
      })
    })
    const ratio = hasVictoria ? rounds.median('ratio') : undefined
    return {
      figures: {
        points: set.pointCount,
        ...rounds.spreads(),
        ...(typeof victoria === 'string' ? { 'victoria-metrics': victoria } : {}),
      },
      criteria:
        ratio === undefined
          ? []
          : [atLeast(RATIO_TO_VICTORIA, 'points per CPU-second, of those of VictoriaMetrics', ratio)],
    }
  },
}
