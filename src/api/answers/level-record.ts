import type { SeriesIdentity } from '../../model/series-identity.ts'
import type { StoreAccess } from '../../store/access.ts'
import type { SeriesLevel } from '../../store/rules/index.ts'
import type { QueryAnswer } from '../services.ts'

/** What a query read, as far as it was told by the levels of series. */
export interface LevelRecord {
  /** The same access, which is listened to. */
  readonly access: StoreAccess
  /** Seconds between points of the finest that was read, 1 where nothing was; undefined: it read what is no point of a series. */
  finestStepSeconds(): number | undefined
  /** Which series were read from which levels; each once. */
  readings(): readonly LevelReading[]
}

export interface LevelReading {
  readonly identity: SeriesIdentity
  readonly level: SeriesLevel
}

/** The answer, with what its being kept depends on. */
export function withStep(answer: QueryAnswer, stepSeconds: number | undefined): QueryAnswer {
  return stepSeconds === undefined ? answer : { ...answer, stepSeconds }
}

/** `keepsReadings`: whether somebody wants to know what each series was read from, which takes time. */
export function recordLevels(
  access: StoreAccess,
  { keepsReadings }: { readonly keepsReadings: boolean },
): LevelRecord {
  const { levels } = access
  const readings = new Map<string, LevelReading>()
  let finest = Number.POSITIVE_INFINITY
  let hasReadEvents = false
  const heard: StoreAccess = {
    findNodes: (pattern, limit) => access.findNodes(pattern, limit),
    findSeries: (pattern, limit) => access.findSeries(pattern, limit),
    findSeriesByTags: (expressions, limit) => access.findSeriesByTags(expressions, limit),
    tags: (question) => access.tags(question),
    tagValues: (tag, question) => access.tagValues(tag, question),
    metrics: (limit) => access.metrics(limit),
    findEventTimes: async (query) => {
      hasReadEvents = true
      return (await access.findEventTimes?.(query)) ?? []
    },
    reader: access.reader,
    ...(levels !== undefined && {
      levels: {
        levelOf(identity, fromSeconds) {
          const level = levels.levelOf(identity, fromSeconds)
          finest = Math.min(finest, level.stepSeconds)
          if (keepsReadings) readings.set(`${level.stepSeconds} ${identity.key}`, { identity, level })
          return level
        },
        allOf(identity) {
          const all = levels.allOf(identity)
          for (const { stepSeconds } of all) finest = Math.min(finest, stepSeconds)
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
    readings: () => [...readings.values()],
  }
}
