import type { MetricEntry } from '../api.ts'
import { matcherOf } from '../explore/path-pattern.ts'
import { pathsOf, splitTarget } from '../explore/target-text.ts'
import type { Unit } from '../format.ts'
import { unitOfSeries } from './chart-plan.ts'

/** What is asked for has the unit of the series that it is made of, where they have one and the functions leave it as it is. */
export function unitOfTargets(targets: readonly string[], metrics: readonly MetricEntry[]): Unit {
  const units = new Set<Unit>()
  for (const target of targets) {
    const functions = splitTarget(target).filter(({ kind }) => kind === 'function')
    if (functions.some(({ text }) => !KEEP_UNITS.has(text))) return 'none'
    for (const path of pathsOf(target)) for (const unit of unitsOfPath(path, metrics)) units.add(unit)
  }
  const [unit = 'none'] = units
  return units.size === 1 ? unit : 'none'
}

function unitsOfPath(path: string, metrics: readonly MetricEntry[]): Unit[] {
  const isMeant = matcherOf(path)
  return metrics.flatMap((metric) =>
    metric.series.filter(({ key }) => isMeant(key)).map((series) => unitOfSeries(metric, series)),
  )
}

const KEEP_UNITS: ReadonlySet<string> = new Set([
  'alias',
  'aliasByMetric',
  'aliasByNode',
  'aliasByTags',
  'aliasSub',
  'averageSeries',
  'averageSeriesWithWildcards',
  'avg',
  'color',
  'dashed',
  'exclude',
  'grep',
  'group',
  'highest',
  'highestAverage',
  'highestCurrent',
  'highestMax',
  'interpolate',
  'keepLastValue',
  'limit',
  'lineWidth',
  'lowest',
  'lowestAverage',
  'lowestCurrent',
  'maxSeries',
  'minSeries',
  'movingAverage',
  'movingMax',
  'movingMedian',
  'movingMin',
  'nPercentile',
  'percentileOfSeries',
  'sortByMaxima',
  'sortByMinima',
  'sortByName',
  'stacked',
  'sum',
  'sumSeries',
  'sumSeriesWithWildcards',
  'timeShift',
])
