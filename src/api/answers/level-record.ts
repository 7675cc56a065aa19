import type { StoreAccess } from '../../store/access.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import type { SeriesLevel } from '../../store/rules/index.ts'

/** What a query read, as far as it was told by the levels of series. */
export interface LevelRecord {
  /** The same access, which is listened to. */
  readonly access: StoreAccess
  /** Seconds between points of the finest that was read; undefined: nothing was. */
  finestStepSeconds(): number | undefined
  /** Which series were read from which levels; each once. */
  readings(): readonly LevelReading[]
}

export interface LevelReading {
  readonly identity: SeriesIdentity
  readonly level: SeriesLevel
}

export function recordLevels(access: StoreAccess): LevelRecord {
  const { levels } = access
  const readings = new Map<string, LevelReading>()
  if (levels === undefined) {
    return { access, finestStepSeconds: () => undefined, readings: () => [] }
  }
  const heard: StoreAccess = {
    findNodes: (pattern, limit) => access.findNodes(pattern, limit),
    findSeries: (pattern, limit) => access.findSeries(pattern, limit),
    findSeriesByTags: (expressions, limit) => access.findSeriesByTags(expressions, limit),
    tags: (question) => access.tags(question),
    tagValues: (tag, question) => access.tagValues(tag, question),
    metrics: (limit) => access.metrics(limit),
    reader: access.reader,
    levels: {
      levelOf(identity, fromSeconds) {
        const level = levels.levelOf(identity, fromSeconds)
        readings.set(`${level.stepSeconds} ${identity.key}`, { identity, level })
        return level
      },
      allOf: (identity) => levels.allOf(identity),
    },
  }
  return {
    access: heard,
    finestStepSeconds() {
      const steps = [...readings.values()].map(({ level }) => level.stepSeconds)
      return steps.length === 0 ? undefined : steps.reduce((least, step) => Math.min(least, step))
    },
    readings: () => [...readings.values()],
  }
}
