import type { Clock } from '../lib/clock.ts'
import { readTime } from '../query/read-time.ts'
import { lastValue, readFlag, type RequestParameters } from '../query/request-parameters.ts'
import type { TimeZone } from '../query/time-zone.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { QueryAnswer, QueryRequest } from './services.ts'

/**
 * Answers of `/render` that are given again while they would come out the same: nothing has been stored since, the other parameters
 * are equal, and both ends of the range lie in the same steps of the finest series that was read. What depends on the very second of
 * an end, such as `constantLine`, is that of the first who asked: less than a step away.
 *
 * Kept in the thread that serves HTTP, so that what twenty people look at is evaluated once a flush.
 */
export interface AnswerCache {
  /** The kept answer, or else that of `make`. */
  answer(
    request: Pick<QueryRequest, 'parameters' | 'origin'>,
    make: () => Promise<QueryAnswer>,
  ): Promise<QueryAnswer>
  /** Forgets all, also what is being made. */
  clear(): void
}

export interface AnswerCacheOptions {
  /** Grows whenever points have been stored. */
  readonly dataVersion: () => number
  readonly clock: Clock
  readonly defaultTimeZone: TimeZone
  /** Of all that is kept, keys included. */
  readonly maxBytes: number
  readonly maxAnswerBytes: number
}

/** What a client means by no number, as in Graphite. */
const DEFAULT_TIMEOUT_SECONDS = 60
const MAX_KEY_CHARACTERS = 16_384
/** What an entry costs besides its text and its answer. */
const ENTRY_BYTES = 500

/** These do not change the answer, or are looked at by themselves. */
const NOT_IN_KEY: ReadonlySet<string> = new Set(['from', 'until', 'noCache', 'cacheTimeout', 'local'])

interface Lookup {
  readonly key: string
  readonly fromSeconds: number
  readonly untilSeconds: number
  readonly timeoutMs: number
}

interface Entry extends Lookup {
  readonly answer: QueryAnswer
  readonly stepSeconds: number
  readonly dataVersion: number
  readonly madeAtMs: number
  readonly bytes: number
}

export function createAnswerCache(options: AnswerCacheOptions): AnswerCache {
  const { dataVersion, clock, maxBytes, maxAnswerBytes } = options
  /** The ones used last come last. */
  const entries = new Map<string, Entry>()
  let keptBytes = 0
  let generation = 0

  return {
    async answer(request, make) {
      const lookup = readLookup(request, options)
      if (lookup === undefined) return await make()
      // Before anything is read: what is stored meanwhile may be in the answer, or not.
      const version = dataVersion()
      const known = entries.get(lookup.key)
      if (known !== undefined && isFresh(known, lookup, version)) {
        entries.delete(lookup.key)
        entries.set(lookup.key, known)
        return known.answer
      }
      const madeIn = generation
      const answer = await make()
      if (madeIn === generation) keep(lookup, answer, version)
      return answer
    },
    clear() {
      generation += 1
      entries.clear()
      keptBytes = 0
    },
  }

  function isFresh(entry: Entry, lookup: Lookup, version: number): boolean {
    const slot = (seconds: number): number => Math.floor(seconds / entry.stepSeconds)
    return (
      entry.dataVersion === version &&
      slot(entry.fromSeconds) === slot(lookup.fromSeconds) &&
      slot(entry.untilSeconds) === slot(lookup.untilSeconds) &&
      clock.monotonicMs() - entry.madeAtMs < lookup.timeoutMs
    )
  }

  function keep(lookup: Lookup, answer: QueryAnswer, version: number): void {
    const { stepSeconds } = answer
    remove(lookup.key)
    const isWhole = answer.rest === undefined && answer.body.length <= maxAnswerBytes
    if (stepSeconds === undefined || !isWhole) return
    const { giveBack, ...kept } = answer
    // What is to be given back is another answer's soon.
    const body = giveBack === undefined ? answer.body : answer.body.slice()
    const bytes = body.length + lookup.key.length * 2 + ENTRY_BYTES
    entries.set(lookup.key, {
      ...lookup,
      answer: { ...kept, body },
      stepSeconds,
      dataVersion: version,
      madeAtMs: clock.monotonicMs(),
      bytes,
    })
    keptBytes += bytes
    for (const oldest of entries.keys()) {
      if (keptBytes <= maxBytes) break
      remove(oldest)
    }
  }

  function remove(key: string): void {
    keptBytes -= entries.get(key)?.bytes ?? 0
    entries.delete(key)
  }
}

/** For how many seconds an answer may be given again: 0 for not at all. */
export function readCacheSeconds(parameters: RequestParameters): number {
  if (readFlag(parameters, 'noCache')) return 0
  const text = lastValue(parameters, 'cacheTimeout') ?? ''
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : DEFAULT_TIMEOUT_SECONDS
}

/** undefined: nothing that is kept can be the answer, and it is not to be kept. */
function readLookup(
  { parameters, origin }: Pick<QueryRequest, 'parameters' | 'origin'>,
  options: AnswerCacheOptions,
): Lookup | undefined {
  const timeoutMs = readCacheSeconds(parameters) * 1_000
  if (timeoutMs === 0) return undefined
  const names = Object.keys(parameters).filter((name) => !NOT_IN_KEY.has(name) && !name.startsWith('_'))
  const text = JSON.stringify(names.sort().map((name) => [name, parameters[name]]))
  if (text.length > MAX_KEY_CHARACTERS) return undefined
  try {
    const nowSeconds = readTime(parameters, 'now', { ...options, missing: 'now' })
    const fromSeconds = readTime(parameters, 'from', { ...options, nowSeconds, missing: '-1d' })
    const untilSeconds = readTime(parameters, 'until', { ...options, nowSeconds, missing: 'now' })
    // The last hour and the last day of one panel are both kept; of the last hour, only the newest.
    // Of another dashboard, so that it is counted there too.
    const dashboard = origin?.dashboard ?? ''
    return { key: `${dashboard} ${untilSeconds - fromSeconds} ${text}`, timeoutMs, fromSeconds, untilSeconds }
  } catch (error) {
    // The query says what is wrong with it.
    if (error instanceof KymoError) return undefined
    throw error
  }
}
