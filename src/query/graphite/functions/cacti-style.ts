import type { QuerySeries } from '../../query-series.ts'
import { last, maximum, minimum } from '../calculate/aggregate-values.ts'
import type { UnitSystem } from '../calculate/unit-prefix.ts'
import { withUnitPrefix } from '../calculate/unit-prefix.ts'
import { defineFunction } from '../graphite-function.ts'
import { optional, seriesList, text } from '../parameters.ts'

export const cactiStyle = defineFunction({
  name: 'cactiStyle',
  group: 'Special',
  description:
    'Puts the last, the greatest and the least value behind each name, in columns. The system makes large numbers short, by thousands (`si`) or by 1024 (`binary`); the unit is written after them.',
  example: 'cactiStyle(servers.*.net.bytes_out, "si", "b")',
  params: {
    seriesList: seriesList(),
    system: optional(text({ options: ['si', 'binary'] })),
    units: optional(text()),
  },
  evaluate({ seriesList: series, system, units }) {
    const format = formatOf(system, units)
    const columns = [last, maximum, minimum].map((aggregate) => columnOf(series, aggregate, format))
    const nameWidth = series.reduce((most, { name }) => Math.max(most, name.length), 0)
    return series.map((one, index) => {
      const [current, most, least] = columns.map((column) => column[index] ?? '')
      return { ...one, name: `${one.name.padEnd(nameWidth)} Current:${current} Max:${most} Min:${least} ` }
    })
  },
})

/** As wide as the widest whole value, and three more. What is missing is as wide as a 3. */
function columnOf(
  series: readonly QuerySeries[],
  aggregate: (values: Float64Array) => number,
  format: (value: number) => string,
): string[] {
  const values = series.map((one) => aggregate(one.values))
  const widths = values.map(
    (value) => format(Math.trunc(Number.isNaN(value) || value === 0 ? 3 : value)).length,
  )
  const width = Math.max(0, ...widths) + 3
  return values.map((value) => (Number.isNaN(value) ? 'nan' : format(value)).padEnd(width))
}

function formatOf(system: string | undefined, units: string | undefined): (value: number) => string {
  const suffix = units === undefined || units === '' ? '' : units
  if (system === undefined) return (value) => value.toFixed(2) + (suffix === '' ? '' : ` ${suffix}`)
  return (value) => {
    const short = withUnitPrefix(value, system as UnitSystem)
    const unit = `${short.prefix}${suffix}`
    return short.value.toFixed(2) + (suffix === '' ? unit : ` ${unit}`)
  }
}
