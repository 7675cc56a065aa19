import type { QuerySeries } from '../../query-series.ts'
import { derive } from '../calculate/create-series.ts'
import { countRows } from '../calculate/aggregate-rows.ts'
import { defineFunction } from '../graphite-function.ts'
import { floatText, shortText } from '../number-text.ts'
import { float, optional, seriesList } from '../parameters.ts'

export const transformNull = defineFunction({
  name: 'transformNull',
  group: 'Transform',
  description:
    'Puts the default in the place of nulls. With reference series, only where one of those has a value.',
  example: 'transformNull(servers.*.errors, 0)',
  params: {
    seriesList: seriesList(),
    default: optional(float({ shownDefault: 0 })),
    referenceSeries: optional(seriesList()),
  },
  evaluate({ seriesList: series, default: given, referenceSeries = [] }) {
    const value = given ?? 0
    const present = presentRows(referenceSeries)
    return series.map((one) => {
      const suffix = present === undefined ? '' : ',referenceSeries'
      return derive(one, `transformNull(${one.name},${shortText(value)}${suffix})`, {
        values: withDefaults(one.values, value, present),
        mark: {
          // Graphite writes a number that is given as a fraction, and its own default not.
          transformNull: given === undefined ? '0' : floatText(given),
          ...(present === undefined ? {} : { referenceSeries: '1' }),
        },
      })
    })
  },
})

export const isNonNull = defineFunction({
  name: 'isNonNull',
  aliases: ['isNotNull'],
  group: 'Transform',
  description: '1 where there is a value, 0 where there is none.',
  example: 'sumSeries(isNonNull(servers.*.load))',
  params: { seriesList: seriesList() },
  evaluate: ({ seriesList: series }) =>
    series.map((one) =>
      derive(one, `isNonNull(${one.name})`, {
        values: one.values.map((value) => (Number.isNaN(value) ? 0 : 1)),
        mark: { isNonNull: '1' },
      }),
    ),
})

/** How many of the series have a value, row by row; undefined: there are no series. */
function presentRows(series: readonly QuerySeries[]): Float64Array | undefined {
  if (series.length === 0) return undefined
  const columns = series.map(({ values }) => values)
  const rowCount = columns.reduce((most, { length }) => Math.max(most, length), 0)
  return countRows(columns, rowCount)
}

function withDefaults(values: Float64Array, value: number, present: Float64Array | undefined): Float64Array {
  const filled = new Float64Array(Math.max(values.length, present?.length ?? 0)).fill(Number.NaN)
  filled.set(values)
  for (let index = 0; index < filled.length; index++) {
    if (!Number.isNaN(filled[index])) continue
    if (present === undefined || (present[index] ?? 0) > 0) filled[index] = value
  }
  return filled
}
