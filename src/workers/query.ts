// A thread that evaluates queries. Names are asked of the keeper's catalog; points are read here, from files.
import { answerQuery } from '../api/answers/index.ts'
import { SeriesUsage } from '../api/series-usage.ts'
import type { Config } from '../config/config.ts'
import { systemClock } from '../lib/clock.ts'
import { shrinkHeap } from '../lib/shrink-heap.ts'
import { DEFAULT_QUERY_LIMITS, type QueryLimits } from '../query/query-limits.ts'
import { localTimeZone } from '../query/local-time-zone.ts'
import type { StoreAccess } from '../store/access.ts'
import type { EngineReader, PointReader } from '../store/engine.ts'
import { openReader, unpackMetrics, unpackNodes, unpackSeries } from '../store/index.ts'
import { createRuleBook, createSeriesLevels, type SeriesLevels } from '../store/rules/index.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { QueryCalls, QueryToKeeper, WorkerToMain } from './calls.ts'
import { openLink, type Link } from './rpc.ts'
import { workerSelf } from './worker-setup.ts'

const { setup, log, metrics, main } = workerSelf()
const queries = metrics.counter('kymo_queries_total')
const failures = metrics.counter('kymo_query_failures_total')
let limits = limitsOf(setup.config)
let levels = levelsOf(setup.config)
const usage = new SeriesUsage()
const defaultTimeZone = localTimeZone()
/** The way to the store that is used now; a new keeper brings a new one. */
let access: SharedAccess | undefined

openLink<WorkerToMain, QueryCalls>(main, {
  connect({ peer, port }) {
    const previous = access
    access = { opened: openAccess(openLink<QueryToKeeper>(port, {}, peer)), queryCount: 0 }
    // A failure is met by the query that wants it.
    access.opened.catch(() => {})
    if (previous !== undefined) closeIfUnused(previous)
  },
  async query(request, signal) {
    queries.add(1)
    const used = access
    try {
      if (used === undefined) throw new KymoError('not-ready', { reason: 'it is starting' })
      used.queryCount += 1
      const opened = await used.opened
      return await answerQuery(
        request,
        {
          access: accessFor(opened, signal),
          pointReader: opened.reader,
          clock: systemClock,
          stepSeconds: Math.max(1, Math.ceil(setup.config.flush.intervalMs / 1_000)),
          defaultTimeZone,
          limits,
          usage,
        },
        signal,
      )
    } catch (error) {
      if (!signal.aborted) failures.add(1)
      throw error
    } finally {
      if (used !== undefined) {
        used.queryCount -= 1
        closeIfUnused(used)
      }
    }
  },
  usage: (question) => usage.list(question),
  reconfigure({ config }) {
    log.level = config.log.level
    limits = limitsOf(config)
    levels = levelsOf(config)
  },
  giveBack() {
    shrinkHeap()
    return true
  },
  async stop() {
    await (await access?.opened.catch(() => undefined))?.reader.close()
  },
})

function limitsOf({ query: { maxSeries, maxPoints } }: Config): QueryLimits {
  return { ...DEFAULT_QUERY_LIMITS, maxSeries, maxPoints }
}

function levelsOf({ store }: Config): SeriesLevels {
  return createSeriesLevels(createRuleBook(store.rules), systemClock)
}

interface SharedAccess {
  readonly opened: Promise<OpenedAccess>
  queryCount: number
}

/** The files of a store that a keeper has left behind are let go of with the last query that reads them. */
function closeIfUnused(shared: SharedAccess): void {
  if (shared === access || shared.queryCount > 0) return
  void shared.opened.then(
    ({ reader }) => reader.close(),
    () => {},
  )
}

interface OpenedAccess {
  readonly keeper: Link<QueryToKeeper>
  readonly reader: EngineReader & PointReader
}

async function openAccess(keeper: Link<QueryToKeeper>): Promise<OpenedAccess> {
  const shared = await keeper.call('share', null)
  if (shared === null) throw new KymoError('store-disabled')
  return { keeper, reader: openReader(shared) }
}

/** The keeper stops looking for what nobody waits for any more. */
function accessFor({ keeper, reader }: OpenedAccess, signal: AbortSignal): StoreAccess {
  return {
    findNodes: async (pattern, limit) =>
      unpackNodes(await keeper.call('findNodes', { pattern, limit }, { signal })),
    findSeries: async (pattern, limit) =>
      unpackSeries(await keeper.call('findSeries', { pattern, limit }, { signal })),
    findSeriesByTags: async (expressions, limit) =>
      unpackSeries(await keeper.call('findSeriesByTags', { expressions, limit }, { signal })),
    tags: (question) => keeper.call('tags', question, { signal }),
    tagValues: (tag, question) => keeper.call('tagValues', { ...question, tag }, { signal }),
    metrics: async (limit) => unpackMetrics(await keeper.call('metrics', limit, { signal })),
    findEventTimes: (query) => keeper.call('findEventTimes', query, { signal }),
    reader,
    levels,
  }
}
