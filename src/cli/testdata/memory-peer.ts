import { joinSeries } from '../../formats/point-columns/join-series.ts'
import { systemClock } from '../../lib/clock.ts'
import type { SeriesPoints } from '../../store/engine.ts'
import { openMemoryStore } from '../../store/index.ts'
import { silentLog } from '../../telemetry/log.ts'
import { deleteSeries } from '../../workers/delete-series.ts'
import { PastPoints } from '../../workers/past-points.ts'
import { TimeWindow } from '../../workers/time-window.ts'
import { answerHere } from '../transfer/answer-here.ts'
import type { KymoPeer } from '../transfer/kymo-peer.ts'

/** A Kymo of a moment, for tests of what is moved into it and out of it. It keeps points for a year. */
export function openMemoryPeer(): KymoPeer {
  const store = openMemoryStore()
  const { engine, catalog } = store
  const past = new PastPoints({
    store: { engine, catalog },
    writer: { past: (write) => Promise.resolve(write()), settlePast: () => Promise.resolve() },
    window: new TimeWindow({
      retentionMs: 365 * 86_400_000,
      futureLimitMs: 600_000,
      clock: systemClock,
      log: silentLog,
      metrics: { counter: () => ({ add() {} }) },
    }),
    admits: () => true,
    onRefused() {},
    clock: systemClock,
  })
  return {
    name: 'memory',
    send: (columns) => past.takeColumns(columns),
    settle: () => Promise.resolve(),
    list(pattern) {
      const keys = catalog.metrics(1_000).flatMap(({ series }) => series.map(({ key }) => key))
      const found = pattern === undefined ? keys : catalog.findSeries(pattern, 1_000).map(({ identity }) => identity.key)
      return Promise.resolve(
        found.sort().flatMap((key) => {
          const entry = catalog.get(key)
          if (entry === undefined) return []
          const { identity, firstSeenMs: firstMs, lastSeenMs: lastMs } = entry
          return [{ key, rollup: identity.rollup, firstMs, lastMs }]
        }),
      )
    },
    async points(series, range) {
      const keys = series.map(({ key }) => key)
      const found: SeriesPoints[] = []
      for await (const one of engine.points({ keys, range })) found.push(one)
      return joinSeries(found)
    },
    deleteSeries: (wanted) => deleteSeries(store, wanted),
    rules: () => Promise.reject(new Error('nobody asks for these here')),
    backUp: (path) => store.backUp(path),
    ask: answerHere(store, { clock: systemClock, stepSeconds: 10 }),
    close: () => Promise.resolve(),
  }
}
