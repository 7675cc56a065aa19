import { join } from 'node:path'
import type { Bench } from '../../ingest/bench.ts'
import { atMost, type Criterion } from '../../ingest/criterion.ts'
import type { Row, RowResult } from '../../ingest/row.ts'
import { writeGraphiteText, sendText } from '../graphite-text.ts'
import { KymoStore } from '../kymo-store.ts'
import { hostMetrics, statsdFlushes, type PointSet } from '../point-set.ts'
import { fill } from '../point-store.ts'
import { prometheusBytes } from '../prometheus.ts'
import { orSkipped } from '../rivals.ts'
import { checkStoredPoints } from '../stored-points.ts'
import { VictoriaMetrics } from '../victoria-metrics.ts'
import { whisperBytes } from '../whisper.ts'

const SEED = 1
const MOST_HOST_BYTES_PER_POINT = 2

export const hostBytes: Row = {
  name: 'host-bytes',
  about: 'bytes per point after a clean stop: metrics of hosts, 5-minute steps, a third with 17 digits',
  run: (bench) =>
    measureSpace(bench, hostMetrics(SEED), ({ kymo }) => [
      atMost(MOST_HOST_BYTES_PER_POINT, 'bytes per point', kymo),
    ]),
}

export const statsdBytes: Row = {
  name: 'statsd-bytes',
  about: 'bytes per point after a clean stop: flushes of StatsD at 10 s, half idle, against VictoriaMetrics',
  run: (bench) =>
    measureSpace(bench, statsdFlushes(SEED), ({ kymo, victoria }) =>
      victoria === undefined ? [] : [atMost(1, 'bytes, of those of VictoriaMetrics', kymo / victoria)],
    ),
}

interface BytesPerPoint {
  readonly kymo: number
  /** undefined: it is not there. */
  readonly victoria: number | undefined
}

async function measureSpace(
  bench: Bench,
  set: PointSet,
  criteria: (found: BytesPerPoint) => Criterion[],
): Promise<RowResult> {
  const textPath = join(bench.place(), 'points.txt')
  writeGraphiteText(textPath, set)
  const kymo = await fillKymo(bench, set, textPath)
  const victoria = await orSkipped(() => fillVictoria(bench, set, textPath))
  const prometheus = await orSkipped(() => prometheusBytes(bench.place(), set))
  const whisper = await orSkipped(() => whisperBytes(bench.place(), set))
  const perPoint = (bytes: number | string) => (typeof bytes === 'string' ? bytes : bytes / set.pointCount)
  return {
    figures: {
      series: set.series.length,
      points: set.pointCount,
      kymo: kymo.bytesPerPoint,
      'victoria-metrics': typeof victoria === 'string' ? victoria : victoria.bytesPerPoint,
      'points victoria-metrics changed': typeof victoria === 'string' ? victoria : victoria.changedPoints,
      prometheus: perPoint(prometheus),
      whisper: perPoint(whisper),
    },
    criteria: criteria({
      kymo: kymo.bytesPerPoint,
      victoria: typeof victoria === 'string' ? undefined : victoria.bytesPerPoint,
    }),
  }
}

async function fillKymo(bench: Bench, set: PointSet, textPath: string) {
  await using store = await KymoStore.start(bench)
  const stored = await fill(store, set, () => sendText(textPath, store.graphitePort))
  await checkStoredPoints(store.dataPath, set)
  return stored
}

async function fillVictoria(bench: Bench, set: PointSet, textPath: string) {
  await using store = await VictoriaMetrics.start(bench.place())
  let changedPoints = 0
  const stored = await fill(store, set, async () => {
    await sendText(textPath, store.graphitePort)
    changedPoints = await store.changedPoints(set)
  })
  return { ...stored, changedPoints }
}
