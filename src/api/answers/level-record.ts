import type { SeriesIdentity } from '../../model/series-identity.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import type { StoreAccess } from '../../store/access.ts'
import type { SeriesLevel } from '../../store/rules/index.ts'
import type { QueryAnswer } from '../services.ts'

/** What a query read, as far as it was told by the levels of series. */
export interface LevelRecord {
  /** The same access, which is listened to. */
  readonly access: StoreAccess
  /** Seconds between points of the finest that was read, 1 where nothing was; undefined: it read what is no point of a series. */
  finestStepSeconds(): number | undefined
  /** Which series were read from which levels. */
  readings(): readonly LevelReading[]
  /** Which series were read. */
  keys(): Iterable<SeriesKey>
}

export interface LevelReading {
  readonly identity: SeriesIdentity
  readonly level: SeriesLevel
}

/** The answer, with what its being kept depends on. */
export function withStep(answer: QueryAnswer, stepSeconds: number | undefined): QueryAnswer {
  return stepSeconds === undefined ? answer : { ...answer, stepSeconds }
}

export function recordLevels(access: StoreAccess): LevelRecord {
  const { levels } = access
  let finest = Number.POSITIVE_INFINITY
  /** By series, the steps in which it was read. Of one series there is an object for each pattern that finds it. */
  const readings = new Map<SeriesIdentity, SeriesLevel[]>()
  const note = (identity: SeriesIdentity, level: SeriesLevel): void => {
    finest = Math.min(finest, level.stepSeconds)
    const known = readings.get(identity)
    if (known === undefined) readings.set(identity, [level])
    else if (!known.some(({ stepSeconds }) => stepSeconds === level.stepSeconds)) known.push(level)
  }
  let hasReadEvents = false
  const heard: StoreAccess = {
    findNodes: (pattern, limit, choice) => access.findNodes(pattern, limit, choice),
    findSeries: (pattern, limit) => access.findSeries(pattern, limit),
    findSeriesByTags: (expressions, limit) => access.findSeriesByTags(expressions, limit),
    ...(access.identify !== undefined && {
      identify: (query, limit) => access.identify?.(query, limit) ?? Promise.resolve([]),
    }),
    tags: (question) => access.tags(question),
    tagValues: (tag, question) => access.tagValues(tag, question),
    metrics: (question) => access.metrics(question),
    findEventTimes: async (query) => {
      hasReadEvents = true
      return (await access.findEventTimes?.(query)) ?? []
    },
    reader: access.reader,
    ...(levels !== undefined && {
      levels: {
        levelOf(identity, fromSeconds) {
          const level = levels.levelOf(identity, fromSeconds)
          note(identity, level)
          return level
        },
        allOf(identity) {
          const all = levels.allOf(identity)
          for (const level of all) note(identity, level)
          return all
        },
      },
    }),
  }
  return {
    access: heard,
    finestStepSeconds() {
      if (hasReadEvents) return undefined
      return Number.isFinite(finest) ? finest : 1
    },
    readings: () =>
      [...readings].flatMap(([identity, levels]) => levels.map((level) => ({ identity, level }))),
    keys: () => new Set([...readings.keys()].map(({ key }) => key)),
  }
}
