import type { MetricEntry } from '../api.ts'
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
  const ways = waysOf(path.replaceAll(/\\(.)/gsu, '$1')).map((way) => way.split('.'))
  const isMeant = (key: string) => {
    const nodes = key.split('.')
    return ways.some(
      (way) => way.length === nodes.length && way.every((part, i) => fits(part, nodes[i] ?? '')),
    )
  }
  return metrics.flatMap((metric) =>
    metric.series.filter(({ key }) => isMeant(key)).map((series) => unitOfSeries(metric, series)),
  )
}

const MOST_WAYS = 100

/** `{a,b}.c` is `a.c` or `b.c`. */
function waysOf(path: string): string[] {
  const ways = [path]
  for (let i = 0; i < ways.length && ways.length < MOST_WAYS; ) {
    const [braces, choice] = /\{([^{}]*)\}/.exec(ways[i] ?? '') ?? []
    if (braces === undefined || choice === undefined) i++
    else ways.splice(i, 1, ...choice.split(',').map((one) => (ways[i] ?? '').replace(braces, () => one)))
  }
  return ways
}

/** `*`, `?` and `[abc]`, which is taken for `?`: a unit is not told by a letter. It takes no longer than both are long, whoever wrote them. */
function fits(pattern: string, text: string): boolean {
  const signs = pattern.replaceAll(/\[[^\]]*\]/g, '?')
  let at = 0
  let star = -1
  let starAt = 0
  for (let i = 0; i < text.length; ) {
    if (signs[at] === '*') {
      star = at++
      starAt = i
    } else if (signs[at] === '?' || signs[at] === text[i]) {
      at++
      i++
    } else if (star >= 0) {
      at = star + 1
      i = ++starAt
    } else return false
  }
  return /^\**$/.test(signs.slice(at))
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
