// A thread that evaluates queries. Names are asked of the keeper's catalog; points are read here, from files.
import { type AnswerContext, answerQuery } from '../api/answers/index.ts'
import { answerRules } from '../api/answers/rules.ts'
import { answerSize } from '../api/answers/size.ts'
import { createPieceRoom } from '../api/encode/piece-room.ts'
import { SeriesUsage } from '../api/series-usage.ts'
import type { Config } from '../config/config.ts'
import { systemClock } from '../lib/clock.ts'
import { SharedVersion } from '../lib/shared-version.ts'
import { shrinkHeap } from '../lib/shrink-heap.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import { type QueryLimits, queryLimits } from '../query/query-limits.ts'
import { localTimeZone } from '../query/local-time-zone.ts'
import type { StoreAccess } from '../store/access.ts'
import type { EngineReader, PointReader } from '../store/engine.ts'
import type { CatalogServices } from '../store/catalog.ts'
import {
  openReader,
  unpackChildren,
  unpackMetrics,
  unpackNodes,
  unpackSeries,
  unpackServices,
} from '../store/index.ts'
import { createRuleBook, createSeriesLevels, type SeriesLevels } from '../store/rules/index.ts'
import type { SizeReader } from '../store/sizes.ts'
import { collectSeries } from '../store/all-series.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { QueryCalls, QueryToKeeper, WorkerToMain } from './calls.ts'
import { sendPieces } from './piece-stream.ts'
import { Remembered } from './remembered.ts'
import { openLink, type Link } from './rpc.ts'
import { workerSelf } from './worker-setup.ts'

const { setup, log, metrics, main } = workerSelf()
const queries = metrics.counter('kymo_queries_total')
const failures = metrics.counter('kymo_query_failures_total')
let limits = limitsOf(setup.config)
let levels = levelsOf(setup.config)
/** In force. */
let { rules } = setup.config.store
const usage = new SeriesUsage()
const room = createPieceRoom()
/** Remembered over all questions. */
const MOST_SERIES = 262_144
/** Pages want one. */
const MOST_SERVICE_LISTS = 4
const SERVICES_GOOD_FOR_MS = 30_000
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
  async query({ request, memory }, signal) {
    queries.add(1)
    for (const piece of memory) room.giveBack(new Uint8Array(piece))
    // An answer that goes out in pieces is worked on after the call has been answered.
    const life = new AbortController()
    const abort = (): void => life.abort(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    const held = holdAccess()
    const letGo = (): void => {
      signal.removeEventListener('abort', abort)
      held.letGo()
    }
    try {
      const opened = await held.opened()
      const context = contextFor(opened, life.signal)
      const { rest, giveBack, ...answer } = await answerQuery(request, context, life.signal)
      if (rest === undefined) {
        letGo()
        return { ...answer, isLent: giveBack !== undefined }
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
  size: (question, signal) =>
    answering(signal, (opened) =>
      answerSize(question, { access: accessFor(opened, signal), sizeReader: opened.reader }, signal),
    ),
  rules: ({ before = rules, after }, signal) =>
    answering(signal, (opened) =>
      answerRules(
        { before, after: { ...rules, ...after } },
        {
          page: (cursor, limit) => opened.keeper.call('page', { cursor, limit }, { signal }),
          sizeReader: opened.reader,
          clock: systemClock,
        },
        signal,
      ),
    ),
  usage: (question) => usage.list(question),
  lastReads: ({ prefix, children }) => usage.lastReads(prefix, children),
  reconfigure({ config }) {
    log.level = config.log.level
    limits = limitsOf(config)
    levels = levelsOf(config)
    rules = config.store.rules
  },
  giveBack() {
    shrinkHeap()
    return true
  },
  async stop() {
    await (await access?.opened.catch(() => undefined))?.reader.close()
  },
})

/** Answers from the store that there is now, which stays open that long. */
async function answering<Answer>(
  signal: AbortSignal,
  answer: (opened: OpenedAccess) => Promise<Answer>,
): Promise<Answer> {
  queries.add(1)
  const held = holdAccess()
  try {
    return await answer(await held.opened())
  } catch (error) {
    if (!signal.aborted) failures.add(1)
    throw error
  } finally {
    held.letGo()
  }
}

/** The store that there is now, which stays open until it is let go of. */
function holdAccess(): { readonly opened: () => Promise<OpenedAccess>; readonly letGo: () => void } {
  const used = access
  if (used !== undefined) used.queryCount += 1
  return {
    async opened() {
      if (used === undefined) throw new KymoError('not-ready', { reason: 'it is starting' })
      return used.opened
    },
    letGo() {
      if (used === undefined) return
      used.queryCount -= 1
      closeIfUnused(used)
    },
  }
}

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
  readonly reader: EngineReader & PointReader & SizeReader
  /** Which series were found. */
  readonly series: Remembered<readonly SeriesIdentity[]>
  /** By how many were wanted. All metrics are looked at for them, and every open page asks. */
  readonly services: Remembered<CatalogServices>
}

async function openAccess(keeper: Link<QueryToKeeper>): Promise<OpenedAccess> {
  const shared = await keeper.call('share', null)
  if (shared === null) throw new KymoError('store-disabled')
  const version = new SharedVersion(await keeper.call('catalogVersion', null))
  return {
    keeper,
    reader: openReader(shared),
    // A question takes memory even if nothing is found.
    series: new Remembered({ version, most: MOST_SERIES, sizeOf: ({ length }) => length + 1 }),
    services: new Remembered({ version, most: MOST_SERVICE_LISTS, sizeOf: () => 1 }),
  }
}

function contextFor(opened: OpenedAccess, signal: AbortSignal): AnswerContext {
  return {
    access: accessFor(opened, signal),
    pointReader: opened.reader,
    allSeries: (most) =>
      collectSeries((cursor, limit) => opened.keeper.call('page', { cursor, limit }, { signal }), most),
    clock: systemClock,
    stepSeconds: Math.max(1, Math.ceil(setup.config.flush.intervalMs / 1_000)),
    defaultTimeZone,
    limits,
    room,
    usage,
  }
}

/** The keeper stops looking for what nobody waits for any more. */
function accessFor({ keeper, reader, series, services }: OpenedAccess, signal: AbortSignal): StoreAccess {
  const access: StoreAccess = {
    findSeries: async (pattern, limit) =>
      unpackSeries(await keeper.call('findSeries', { pattern, limit }, { signal })),
    findSeriesByTags: async (expressions, limit) =>
      unpackSeries(await keeper.call('findSeriesByTags', { expressions, limit }, { signal })),
    findNodes: async (pattern, limit, choice) =>
      unpackNodes(await keeper.call('findNodes', { ...choice, pattern, limit }, { signal })),
    tags: (question) => keeper.call('tags', question, { signal }),
    tagValues: (tag, question) => keeper.call('tagValues', { ...question, tag }, { signal }),
    children: async (prefix, limit) =>
      unpackChildren(await keeper.call('children', { prefix, limit }, { signal })),
    services: (limit) =>
      // When a service was seen last changes though the same series are known.
      services.find(`${limit} ${Math.floor(systemClock.nowMs() / SERVICES_GOOD_FOR_MS)}`, async () =>
        unpackServices(await keeper.call('services', limit, { signal })),
      ),
    metrics: async (question) => unpackMetrics(await keeper.call('metrics', question, { signal })),
    findEventTimes: (query) => keeper.call('findEventTimes', query, { signal }),
    identify: (query, limit) =>
      series.find(`${limit} ${JSON.stringify(query)}`, async () => {
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
