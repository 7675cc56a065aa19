import type { QuerySeries } from '../../query-series.ts'
import { sortedPresent } from '../calculate/aggregate-values.ts'
import { derive } from '../calculate/create-series.ts'
import { kolmogorovSmirnov } from '../calculate/kolmogorov-smirnov.ts'
import type { FunctionCall } from '../function-call.ts'
import { defineFunction } from '../graphite-function.ts'
import { integer, seriesList } from '../parameters.ts'

export const kolmogorovSmirnovTest2 = defineFunction({
  name: 'kolmogorovSmirnovTest2',
  aliases: ['ksTest2'],
  group: 'Transform',
  description:
    'How likely it is that the last windowSize values of two series come from the same distribution: the p-value of the Kolmogorov-Smirnov test, from 0 to 1. Nulls do not count.',
  example: 'kolmogorovSmirnovTest2(servers.web1.latency, servers.web2.latency, 60)',
  params: { series: seriesList(), otherSeries: seriesList(), windowSize: integer() },
  async evaluate({ series, otherSeries, windowSize }, call) {
    if (series.length === 0 && otherSeries.length === 0) return []
    const [a] = series
    const [b] = otherSeries
    if (a === undefined || b === undefined || series.length > 1 || otherSeries.length > 1) {
      return call.fail('it compares exactly 1 series with 1 other')
    }
    if (windowSize < 1) return call.fail('the window needs at least 1 point')
    const name = `kolmogorovSmirnovTest2(${a.name},${b.name},${windowSize})`
    return [derive(a, name, { values: await slideTest(a, b, windowSize, call) })]
  },
})

/** As carbonapi has it, the first window that is tested is the second one that is full. */
async function slideTest(
  { values: a }: QuerySeries,
  { values: b }: QuerySeries,
  windowSize: number,
  call: FunctionCall,
): Promise<Float64Array> {
  const likely = new Float64Array(a.length).fill(Number.NaN)
  const steps = windowSize * Math.ceil(Math.log2(windowSize + 1)) * STEPS_PER_COMPARISON
  for (let end = windowSize + 1; end <= Math.min(a.length, b.length); end++) {
    await call.work(steps)
    const start = end - windowSize
    likely[end - 1] = kolmogorovSmirnov(
      sortedPresent(a.subarray(start, end)),
      sortedPresent(b.subarray(start, end)),
    )
  }
  return likely
}

const STEPS_PER_COMPARISON = 8
