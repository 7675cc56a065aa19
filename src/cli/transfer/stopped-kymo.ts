import type { Config } from '../../config/config.ts'
import { backUpDashboards } from '../../dashboards/back-up-dashboards.ts'
import { joinSeries } from '../../formats/point-columns/join-series.ts'
import type { Clock } from '../../lib/clock.ts'
import type { AskForPage } from '../../store/all-series.ts'
import type { SeriesPoints } from '../../store/engine.ts'
import { untypedIdentity } from '../../model/untyped-identity.ts'
import { openEmbeddedStore, openEventStore, openReader } from '../../store/index.ts'
import { readAllLevels } from '../../store/read-all-levels.ts'
import { createRuleBook } from '../../store/rules/index.ts'
import { createSeriesLevels } from '../../store/rules/series-levels.ts'
import { KymoError } from '../../telemetry/errors.ts'
import { silentLog } from '../../telemetry/log.ts'
import { answerRules } from '../../api/answers/rules.ts'
import { deleteSeries } from '../../workers/delete-series.ts'
import { PastPoints } from '../../workers/past-points.ts'
import { TimeWindow } from '../../workers/time-window.ts'
import { answerHere } from './answer-here.ts'
import type { KymoPeer } from './kymo-peer.ts'

const MOST_SERIES = 10_000_000
const MOST_POINTS = 4_194_304

/** The store of a Kymo that does not run. Throws what opening a store throws; `data-in-use`: one does. */
export async function openStoppedKymo(
  {
    store: { path, rules, retentionMs, futureLimitMs },
    flush,
    dashboards,
  }: Pick<Config, 'store' | 'flush' | 'dashboards'>,
  clock: Clock,
): Promise<KymoPeer> {
  const store = await openEmbeddedStore({ path, rules, clock })
  const { engine, catalog } = store
  const past = new PastPoints({
    store,
    writer: {
      past: (write) => Promise.resolve(write()),
      settlePast: () => engine.sync(),
    },
    window: new TimeWindow({ retentionMs, futureLimitMs, clock, log: silentLog, metrics: UNCOUNTED }),
    // Limits keep a Kymo that runs from what it is sent; here is somebody who knows what he does.
    admits: () => true,
    onRefused() {},
    clock,
  })
  const levels = createSeriesLevels(createRuleBook(rules), clock)
  return {
    name: path,
    send: (columns) => past.takeColumns(columns),
    settle: () => engine.sync(),
    list(pattern) {
      const found =
        pattern === undefined
          ? catalog
              .metrics(MOST_SERIES)
              .flatMap(({ series, firstSeenMs, lastSeenMs }) =>
                series.map((identity) => ({ identity, firstSeenMs, lastSeenMs })),
              )
          : catalog.findSeries(pattern, MOST_SERIES)
      const series = found.map(({ identity: { key, rollup }, firstSeenMs, lastSeenMs }) => ({
        key,
        rollup,
        firstMs: firstSeenMs,
        lastMs: lastSeenMs,
      }))
      return Promise.resolve(series.sort((a, b) => (a.key < b.key ? -1 : 1)))
    },
    async points(named, range) {
      const series = named.map(({ key, rollup }) => ({ ...untypedIdentity(key), rollup }))
      const found: SeriesPoints[] = []
      let points = 0
      for await (const one of readAllLevels(
        { reader: engine, levels, nowMs: clock.nowMs() },
        series,
        range,
      )) {
        points += one.values.length
        if (points > MOST_POINTS) throw new KymoError('too-many-points', { points, limit: MOST_POINTS })
        found.push(one)
      }
      return joinSeries(found)
    },
    deleteSeries: (wanted) => deleteSeries(store, wanted),
    async rules({ before, after }) {
      const reader = openReader(engine.share())
      try {
        const page: AskForPage = (cursor, limit) => catalog.answers.page(cursor, limit)
        return await answerRules(
          { before, after },
          { page, sizeReader: reader, clock },
          new AbortController().signal,
        )
      } finally {
        await reader.close()
      }
    },
    async backUp(target) {
      const report = await store.backUp(target)
      const events = openEventStore({ path, clock })
      try {
        await events.backUp(target)
      } finally {
        await events.close()
      }
      const files = await backUpDashboards(dashboards.path, target)
      return { ...report, files: report.files + files }
    },
    ask: answerHere(store, {
      clock,
      levels,
      stepSeconds: Math.max(1, Math.ceil(flush.intervalMs / 1_000)),
    }),
    close: () => store.close(),
  }
}

const UNCOUNTED = { counter: () => ({ add() {} }) }
