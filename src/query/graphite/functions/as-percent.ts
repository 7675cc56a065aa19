import { aggregateRows } from '../calculate/aggregate-rows.ts'
import { combinePair } from '../calculate/combine-pair.ts'
import { createSeries, joinPathExpressions } from '../calculate/create-series.ts'
import { groupByNodes } from '../calculate/node-key.ts'
import { normalize } from '../calculate/normalize.ts'
import { divide } from '../calculate/power.ts'
import type { QuerySeries } from '../../query-series.ts'
import { literalText } from '../argument-value.ts'
import type { FunctionCall } from '../function-call.ts'
import { defineFunction } from '../graphite-function.ts'
import type { AnyArgument } from '../parameters.ts'
import { anything, many, nodeOrTag, optional, seriesList } from '../parameters.ts'

export const asPercent = defineFunction({
  name: 'asPercent',
  aliases: ['pct'],
  group: 'Combine',
  description:
    'What each series is of a total, in percent. The total is the sum of all of them, a number, one series, or as many series as there are, which are matched in the order of their names.\n\nWith nodes, series are matched with the totals that have the same nodes; without totals (`None`) the total is the sum of each group. What finds no partner is there too, as null, with `MISSING` in its name.',
  example: 'asPercent(servers.*.disk.used, servers.*.disk.size, 1)',
  isAggregator: true,
  params: { seriesList: seriesList(), total: optional(anything()), nodes: many(nodeOrTag()) },
  evaluate({ seriesList: series, total, nodes }, call) {
    if (series.length === 0) return []
    if (nodes.length > 0) return percentOfGroups(series, total, nodes, call)
    if (total?.kind === 'series') return percentOfSeries(series, total.series, call)
    return total === undefined ? percentOfSum(series, call) : percentOfNumber(series, total, call)
  },
})

type Call = Pick<FunctionCall, 'xFilesFactor' | 'fail'>

function percentOfSum(series: readonly QuerySeries[], call: Call): QuerySeries[] {
  const total = sumOf(series)
  return series.map((one) => percent(one, total, call))
}

function percentOfNumber(
  series: readonly QuerySeries[],
  total: Exclude<AnyArgument, { kind: 'series' }>,
  call: Call,
): QuerySeries[] {
  const { literal } = total
  if (literal.kind !== 'number') return call.fail('the total has to be series, a number, or None')
  const name = literalText(literal)
  return series.map((one) => {
    const values = new Float64Array(one.values.length).fill(literal.value)
    return percent(one, { ...one, name, values }, call)
  })
}

function percentOfSeries(
  series: readonly QuerySeries[],
  totals: readonly QuerySeries[],
  call: Call,
): QuerySeries[] {
  const [only] = totals
  if (totals.length === series.length) {
    const sorted = sortByName(totals)
    return sortByName(series).map((one, index) => percent(one, sorted[index] as QuerySeries, call))
  }
  if (only !== undefined && totals.length === 1) return series.map((one) => percent(one, only, call))
  return call.fail(
    `the total has to be one series, or as many as there are, not ${totals.length} for ${series.length}`,
  )
}

function percentOfGroups(
  series: readonly QuerySeries[],
  total: AnyArgument | undefined,
  nodes: readonly (number | string)[],
  call: Call,
): QuerySeries[] {
  if (total?.kind === 'literal') return call.fail('with nodes, the total has to be None or series')
  const groups = groupByNodes(series, nodes)
  const totals = new Map(
    [...(total === undefined ? groups : groupByNodes(total.series, nodes))].map(([key, group]) => [
      key,
      group.length === 1 ? (group[0] as QuerySeries) : sumOf(group),
    ]),
  )
  return [...new Set([...groups.keys(), ...totals.keys()])].flatMap((key) => {
    const divisor = totals.get(key)
    const group = groups.get(key)
    if (group === undefined)
      return divisor === undefined ? [] : [missing('MISSING', divisor.name, divisor, call)]
    return group.map((one) =>
      divisor === undefined ? missing(one.name, 'MISSING', one, call) : percent(one, divisor, call),
    )
  })
}

function percent(series: QuerySeries, total: QuerySeries, { xFilesFactor }: Call): QuerySeries {
  const name = `asPercent(${series.name},${total.name})`
  return combinePair(series, total, name, (part, whole) => divide(part, whole) * 100, xFilesFactor)
}

function missing(part: string, whole: string, like: QuerySeries, { xFilesFactor = 0 }: Call): QuerySeries {
  const { startSeconds, endSeconds, stepSeconds } = like
  const values = new Float64Array(like.values.length).fill(Number.NaN)
  const name = `asPercent(${part},${whole})`
  return createSeries({ name, startSeconds, endSeconds, stepSeconds, values, xFilesFactor })
}

function sumOf(series: readonly QuerySeries[]): QuerySeries {
  const normalized = normalize(series)
  if (normalized === undefined) throw new Error('BUG: the sum of no series')
  const name = `sumSeries(${joinPathExpressions(series)})`
  const { startSeconds, endSeconds, stepSeconds } = normalized
  return createSeries({
    name,
    startSeconds,
    endSeconds,
    stepSeconds,
    values: aggregateRows(normalized, 'sum', 0),
  })
}

function sortByName(series: readonly QuerySeries[]): QuerySeries[] {
  return series.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}
