import type { TimeRange } from '../model/time-range.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import type { EngineReader, PointReader, SeriesPoints, SlotRollup } from './engine.ts'
import type { SeriesLevels } from './rules/series-levels.ts'

export interface AllLevels {
  readonly reader: Pick<EngineReader, 'read'> & PointReader
  /** undefined: there are no tiers, only points as they came. */
  readonly levels: SeriesLevels | undefined
  readonly nowMs: number
}

/** Of a series in all its tiers, in slots, a few megabytes are held. */
const SERIES_AT_ONCE = 16

/**
 * All that there is of series, in the order given: points as they came as far back as they are kept so, before that the values of ever
 * coarser tiers, each at the time its slot begins. All of some series are held at once, so the range is the caller's care.
 */
export async function* readAllLevels(
  { reader, levels, nowMs }: AllLevels,
  series: readonly SeriesIdentity[],
  range: TimeRange,
  signal?: AbortSignal,
): AsyncGenerator<SeriesPoints> {
  for (let next = 0; next < series.length; next += SERIES_AT_ONCE) {
    const some = series.slice(next, next + SERIES_AT_ONCE)
    const gathered = some.map((): Parts => ({ timesMs: [], values: [] }))
    for (const [place, part] of partsOf(some, { levels, nowMs }).entries())
      await gather({ reader, part, range, signal }, some[place] as SeriesIdentity, gathered[place] as Parts)
    for (const [place, { key }] of some.entries()) {
      const { timesMs, values } = gathered[place] as Parts
      yield { key, timesMs: Float64Array.from(timesMs), values: Float64Array.from(values) }
    }
  }
}

interface Parts {
  readonly timesMs: number[]
  readonly values: number[]
}

/** Slots of one step, or points as they came; oldest first. */
interface Part extends TimeRange {
  /** None: points as they came. */
  readonly tierStepsMs: readonly number[]
  readonly rollup: SlotRollup
  readonly pointsPerSlot: number
}

/** By place of the series. */
function partsOf(
  series: readonly SeriesIdentity[],
  { levels, nowMs }: Pick<AllLevels, 'levels' | 'nowMs'>,
): readonly (readonly Part[])[] {
  return series.map((identity) => {
    const all = levels?.allOf(identity) ?? []
    const parts: Part[] = []
    let endMs = Number.POSITIVE_INFINITY
    for (const [index, { tierStepsMs, rollup, pointsPerSlot, retentionSeconds }] of all.entries()) {
      const nextStepMs = (all[index + 1]?.stepSeconds ?? 1) * 1_000
      const startMs = Math.max(
        0,
        Math.floor((nowMs - retentionSeconds * 1_000) / nextStepMs) * nextStepMs + nextStepMs,
      )
      // What is older than everything is kept a little longer here and there.
      const isLast = index === all.length - 1
      parts.unshift({
        startMs: isLast && index === 0 ? 0 : startMs,
        endMs,
        tierStepsMs,
        rollup,
        pointsPerSlot,
      })
      endMs = startMs
    }
    return parts.length > 0
      ? parts
      : [{ startMs: 0, endMs, tierStepsMs: [], rollup: identity.rollup, pointsPerSlot: 1 }]
  })
}

interface Gathering {
  readonly reader: AllLevels['reader']
  readonly part: readonly Part[]
  readonly range: TimeRange
  readonly signal: AbortSignal | undefined
}

async function gather(
  { reader, part: parts, range, signal }: Gathering,
  { key }: SeriesIdentity,
  into: Parts,
): Promise<void> {
  const take = (timeMs: number, value: number): void => {
    if (Number.isNaN(value) || timeMs < range.startMs || timeMs >= range.endMs) return
    into.timesMs.push(timeMs)
    into.values.push(value)
  }
  for (const { tierStepsMs, rollup, pointsPerSlot, ...own } of parts) {
    const stepMs = tierStepsMs.at(-1)
    const startMs = Math.max(own.startMs, range.startMs)
    const endMs = Math.min(own.endMs, range.endMs)
    if (startMs >= endMs) continue
    if (stepMs === undefined) {
      for await (const { timesMs, values } of reader.points(
        { keys: [key], range: { startMs, endMs } },
        signal,
      ))
        for (let index = 0; index < values.length; index++)
          take(timesMs[index] as number, values[index] as number)
      continue
    }
    const slots = {
      startMs: Math.floor(startMs / stepMs) * stepMs,
      endMs: Math.ceil(endMs / stepMs) * stepMs,
    }
    const request = { series: [{ key, rollup, tierStepsMs, pointsPerSlot }], range: slots, stepMs }
    for await (const chunk of reader.read(request, signal))
      for (let index = 0; index < chunk.values.length; index++)
        take(chunk.startMs + index * stepMs, chunk.values[index] as number)
  }
}
