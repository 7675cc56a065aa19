import { combinePair } from '../calculate/combine-pair.ts'
import { derive } from '../calculate/create-series.ts'
import { divide } from '../calculate/power.ts'
import type { QuerySeries } from '../../query-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { seriesList } from '../parameters.ts'

export const divideSeries = defineFunction({
  name: 'divideSeries',
  group: 'Combine',
  description:
    'Divides each series by one other. A division by 0 is null, and so is every value where there is no divisor. To divide by a constant, use scale.',
  example: 'divideSeries(servers.*.disk.used, servers.total.disk.size)',
  params: { dividendSeriesList: seriesList(), divisorSeries: seriesList() },
  evaluate({ dividendSeriesList: dividends, divisorSeries: divisors }, call) {
    const [divisor] = divisors
    if (divisor === undefined) {
      return dividends.map((one) =>
        derive(one, `divideSeries(${one.name},MISSING)`, {
          values: new Float64Array(one.values.length).fill(Number.NaN),
        }),
      )
    }
    if (divisors.length > 1) {
      return call.fail(`its second argument has to be one series; there are ${divisors.length}`)
    }
    return dividends.map((one) => quotient(one, divisor, call.xFilesFactor))
  },
})

export const divideSeriesLists = defineFunction({
  name: 'divideSeriesLists',
  group: 'Combine',
  description:
    'Divides the first series of one list by the first of the other, the second by the second, and so on. Both lists have to be of one length.',
  example: 'divideSeriesLists(servers.{web1,web2}.used, servers.{web1,web2}.size)',
  params: { dividendSeriesList: seriesList(), divisorSeriesList: seriesList() },
  evaluate({ dividendSeriesList: dividends, divisorSeriesList: divisors }, call) {
    if (dividends.length !== divisors.length) {
      const counts = `${dividends.length} and ${divisors.length} series`
      return call.fail(`its lists have to be of one length; there are ${counts}`)
    }
    return dividends.map((one, index) => quotient(one, divisors[index] as QuerySeries, call.xFilesFactor))
  },
})

function quotient(
  dividend: QuerySeries,
  divisor: QuerySeries,
  xFilesFactor: number | undefined,
): QuerySeries {
  const name = `divideSeries(${dividend.name},${divisor.name})`
  return combinePair(dividend, divisor, name, divide, xFilesFactor)
}
