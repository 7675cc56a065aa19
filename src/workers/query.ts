// A thread that evaluates queries. Names are asked of the keeper's catalog; points are read here, from files.
import { type AnswerContext, answerQuery } from '../api/answers/index.ts'
import { createPieceRoom } from '../api/encode/piece-room.ts'
import { SeriesUsage } from '../api/series-usage.ts'
import type { Config } from '../config/config.ts'
import { systemClock } from '../lib/clock.ts'
import { SharedVersion } from '../lib/shared-version.ts'
import { type QueryLimits, queryLimits } from '../query/query-limits.ts'
import { localTimeZone } from '../query/local-time-zone.ts'
import type { StoreAccess } from '../store/access.ts'
import type { EngineReader, PointReader } from '../store/engine.ts'
import { openReader, unpackMetrics, unpackNodes, unpackSeries } from '../store/index.ts'
import { createRuleBook, createSeriesLevels, type SeriesLevels } from '../store/rules/index.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { QueryCalls, QueryToKeeper, WorkerToMain } from './calls.ts'
import { sendPieces } from './piece-stream.ts'
import { RememberedSeries } from './remembered-series.ts'
import { openLink, type Link } from './rpc.ts'
import { workerSelf } from './worker-setup.ts'

const { setup, log, metrics, main } = workerSelf()
const queries = metrics.counter('kymo_queries_total')
const failures = metrics.counter('kymo_query_failures_total')
let limits = limitsOf(setup.config)
let levels = levelsOf(setup.config)
const usage = new SeriesUsage()
const room = createPieceRoom()
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
    // An answer that goes out in pieces is worked on after the call has been answered.
    const life = new AbortController()
    const abort = (): void => life.abort(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    const letGo = (): void => {
      signal.removeEventListener('abort', abort)
      if (used === undefined) return
      used.queryCount -= 1
      closeIfUnused(used)
    }
    if (used !== undefined) used.queryCount += 1
    try {
      if (used === undefined) throw new KymoError('not-ready', { reason: 'it is starting' })
      const { rest, ...answer } = await answerQuery(
        request,
        contextFor(await used.opened, life.signal),
        life.signal,
      )
      if (rest === undefined) {
        letGo()
        return answer
      }
      const { port, done } = sendPieces(rest, () => life.abort())
      void done.then((err) => {
        letGo()
        if (err === undefined) return
        failures.add(1)
        log.warn({ err }, 'an answer was cut off')
      })
      return { ...answer, rest: port }
    } catch (error) {
      letGo()
      if (!signal.aborted) failures.add(1)
      throw error
    }
  },
  usage: (question) => usage.list(question),
  reconfigure({ config }) {
    log.level = config.log.level
    limits = limitsOf(config)
    levels = levelsOf(config)
  },
  async stop() {
    await (await access?.opened.catch(() => undefined))?.reader.close()
  },
})

function limitsOf({ query: { maxSeries, maxPoints } }: Config): QueryLimits {
  return queryLimits({ maxSeries, maxPoints })
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
  readonly remembered: RememberedSeries
}

async function openAccess(keeper: Link<QueryToKeeper>): Promise<OpenedAccess> {
  const shared = await keeper.call('share', null)
  if (shared === null) throw new KymoError('store-disabled')
  const version = new SharedVersion(await keeper.call('catalogVersion', null))
  return { keeper, reader: openReader(shared), remembered: new RememberedSeries(version) }
}

function contextFor(opened: OpenedAccess, signal: AbortSignal): AnswerContext {
  return {
    access: accessFor(opened, signal),
    pointReader: opened.reader,
    clock: systemClock,
    stepSeconds: Math.max(1, Math.ceil(setup.config.flush.intervalMs / 1_000)),
    defaultTimeZone,
    limits,
    room,
    usage,
  }
}

/** The keeper stops looking for what nobody waits for any more. */
function accessFor({ keeper, reader, remembered }: OpenedAccess, signal: AbortSignal): StoreAccess {
  const access: StoreAccess = {
    findSeries: async (pattern, limit) =>
      unpackSeries(await keeper.call('findSeries', { pattern, limit }, { signal })),
    findSeriesByTags: async (expressions, limit) =>
      unpackSeries(await keeper.call('findSeriesByTags', { expressions, limit }, { signal })),
    findNodes: async (pattern, limit) =>
      unpackNodes(await keeper.call('findNodes', { pattern, limit }, { signal })),
    tags: (question) => keeper.call('tags', question, { signal }),
    tagValues: (tag, question) => keeper.call('tagValues', { ...question, tag }, { signal }),
    metrics: async (limit) => unpackMetrics(await keeper.call('metrics', limit, { signal })),
    findEventTimes: (query) => keeper.call('findEventTimes', query, { signal }),
    identify: (query, limit) =>
      remembered.find(`${limit} ${JSON.stringify(query)}`, async () => {
        const found =
          query.kind === 'path'
            ? await access.findSeries(query.pattern, limit)
            : await access.findSeriesByTags(query.expressions, limit)
        return found.map(({ identity }) => identity)
      }),
    reader,
    levels,
  }
  return access
}
