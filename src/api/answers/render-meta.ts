import { consolidateToFit } from '../../query/consolidate.ts'
import { evaluateTargets } from '../../query/graphite/evaluate.ts'
import type { QueryLimits } from '../../query/query-limits.ts'
import type { Consolidation, QuerySeries } from '../../query/query-series.ts'
import type { RenderRequest } from '../../query/render-request.ts'
import type { SlotRollup } from '../../store/engine.ts'
import type { SeriesLevels } from '../../store/rules/index.ts'
import { encodeSeriesJson, type SeriesMeta } from '../encode/json.ts'
import type { QueryAnswer, QueryOrigin } from '../services.ts'
import type { AnswerContext } from './answer-context.ts'
import { type LevelReading, recordLevels, withStep } from './level-record.ts'

/**
 * `/render` in Metrictank's dialect (`meta=true`), from which Grafana reads that data is rolled up: with each series stands from which
 * archives its target was read, and how many of its points are one in the answer. Each target is evaluated by itself, so that it is
 * known what it read.
 */
export async function answerRenderWithMeta(
  request: RenderRequest,
  context: AnswerContext,
  signal: AbortSignal,
  origin: QueryOrigin | undefined,
): Promise<QueryAnswer> {
  const { stepSeconds, limits, clock } = context
  const beganMs = clock.monotonicMs()
  const found: { one: QuerySeries; meta: readonly SeriesMeta[] }[] = []
  let seriesRead = 0
  let finest: number | undefined = Number.POSITIVE_INFINITY
  let left = limits
  for (const target of request.targets) {
    const record = recordLevels(context.access)
    const { access } = record
    const series = await evaluateTargets([target], { ...request, access, limits: left, stepSeconds, signal })
    signal.throwIfAborted()
    left = lessThan(left, series)
    context.usage?.record(record.keys(), origin, clock.nowMs())
    const readings = record.readings()
    const meta = toMeta(readings, context.access.levels)
    seriesRead += readings.length
    const step = record.finestStepSeconds()
    finest = step === undefined || finest === undefined ? undefined : Math.min(step, finest)
    for (const one of series) found.push({ one, meta })
  }
  const { maxDataPoints, isWithoutNulls, jsonStyle } = request
  const series = found.map(({ one }) => one)
  const fitting = maxDataPoints === undefined ? series : consolidateToFit(series, maxDataPoints)
  const answer = encodeSeriesJson(fitting, {
    ...jsonStyle,
    isWithoutNulls,
    maxBytes: limits.maxAnswerBytes,
    meta: {
      stats: {
        'executeplan.get-targets.ms': Math.round(clock.monotonicMs() - beganMs),
        'executeplan.series-fetch.count': seriesRead,
        'executeplan.points-return.count': fitting.reduce((sum, { values }) => sum + values.length, 0),
      },
      ofSeries: found.map(({ one, meta }, index) => withConsolidation(meta, one, fitting[index] ?? one)),
    },
  })
  return withStep(answer, finest === Number.POSITIVE_INFINITY ? 1 : finest)
}

/** What is left of the limits for the targets that follow. */
function lessThan(limits: QueryLimits, series: readonly QuerySeries[]): QueryLimits {
  const points = series.reduce((sum, { values }) => sum + values.length, 0)
  return {
    ...limits,
    maxSeries: Math.max(0, limits.maxSeries - series.length),
    maxPoints: Math.max(0, limits.maxPoints - points),
  }
}

/** One entry for each archive of each retention. */
function toMeta(readings: readonly LevelReading[], levels: SeriesLevels | undefined): SeriesMeta[] {
  const groups = new Map<string, SeriesMeta>()
  for (const { identity, level } of readings) {
    const retentions = (levels?.allOf(identity) ?? [])
      .map((one) => `${toUnits(one.stepSeconds)}:${toUnits(one.retentionSeconds)}`)
      .join(',')
    const consolidator = CONSOLIDATOR_OF_ROLLUP[level.rollup]
    const key = `${retentions} ${level.stepSeconds} ${consolidator}`
    const count = Number(groups.get(key)?.count ?? 0) + 1
    groups.set(key, {
      'schema-name': 'kymo',
      'schema-retentions': retentions,
      'archive-read': level.tierStepsMs.length,
      'archive-interval': level.stepSeconds,
      'aggnum-norm': 1,
      'consolidator-normfetch': consolidator,
      count,
    })
  }
  return [...groups.values()]
}

function withConsolidation(
  meta: readonly SeriesMeta[],
  before: QuerySeries,
  after: QuerySeries,
): SeriesMeta[] {
  const combined = Math.round(after.stepSeconds / before.stepSeconds)
  const consolidation =
    combined > 1
      ? { 'aggnum-rc': combined, 'consolidator-rc': CONSOLIDATOR_OF[before.consolidation] }
      : { 'aggnum-rc': 0, 'consolidator-rc': 'NoneConsolidator' }
  return meta.map((one) => ({ ...one, ...consolidation }))
}

const CONSOLIDATOR_OF_ROLLUP: Readonly<Record<SlotRollup, string>> = {
  mean: 'AverageConsolidator',
  sum: 'SumConsolidator',
  max: 'MaximumConsolidator',
  min: 'MinimumConsolidator',
  last: 'LastConsolidator',
  absmax: 'MaximumConsolidator',
  absmin: 'MinimumConsolidator',
  avg_zero: 'AverageConsolidator',
}

const CONSOLIDATOR_OF: Readonly<Record<Consolidation, string>> = {
  average: 'AverageConsolidator',
  avg_zero: 'AverageConsolidator',
  sum: 'SumConsolidator',
  max: 'MaximumConsolidator',
  min: 'MinimumConsolidator',
  first: 'FirstConsolidator',
  last: 'LastConsolidator',
}

/** `10s`, `1m`, `7d`: in the largest unit that there is a whole number of. */
function toUnits(seconds: number): string {
  const [unitSeconds, unit] = UNITS.find(([one]) => seconds % one === 0) ?? [1, 's']
  return `${seconds / unitSeconds}${unit}`
}

const UNITS: readonly (readonly [seconds: number, unit: string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'm'],
  [1, 's'],
]
