import type { QuerySeries } from '../../query-series.ts'
import type { NamedAggregation } from '../aggregation-name.ts'
import { AGGREGATION_NAMES, findAggregation } from '../aggregation-name.ts'
import { aggregateValues } from '../calculate/aggregate-values.ts'
import type { UnitSystem } from '../calculate/format-units.ts'
import { renameEach } from '../calculate/rename-each.ts'
import { formatUnits, UNIT_SYSTEMS } from '../calculate/format-units.ts'
import { defineFunction } from '../graphite-function.ts'
import { floatText } from '../number-text.ts'
import { many, seriesList, text } from '../parameters.ts'

export const legendValue = defineFunction({
  name: 'legendValue',
  group: 'Alias',
  description:
    'Appends values of each series to its name: any aggregations, such as "last", "avg", "total", "min" and "max". After them "si" or "binary" says that they are to be short, in columns: 1.50k or 1.46Ki.',
  example: 'legendValue(servers.*.load, "avg", "max")',
  params: { seriesList: seriesList(), valuesTypes: { ...many(text()), options: shownTypes() } },
  shownSignature: 'legendValue(seriesList, *valueTypes)',
  async evaluate({ seriesList: series, valuesTypes }, call) {
    const system = UNIT_SYSTEMS.find((one) => one === valuesTypes.at(-1))
    const types = system === undefined ? valuesTypes : valuesTypes.slice(0, -1)
    await call.work(types.length * series.reduce((points, { values }) => points + values.length, 0))
    return renameEach(series, call, (one) =>
      types.reduce((name, type) => {
        const text = valueText(one, findAggregation(type), system)
        return appendValue(name, type, text, system)
      }, one.name),
    )
  },
})

function appendValue(name: string, type: string, value: string, system: UnitSystem | undefined): string {
  return system === undefined
    ? `${name} (${type}: ${value})`
    : `${name.padEnd(20)}${type.padEnd(5)}${value.padEnd(10)}`
}

function valueText(
  series: QuerySeries,
  named: NamedAggregation | undefined,
  system: UnitSystem | undefined,
): string {
  if (named === undefined) return '(?)'
  const value = aggregateValues(series.values, named.aggregation)
  if (Number.isNaN(value)) return 'None'
  if (system !== undefined) {
    const { digits, prefix } = formatUnits(value, system)
    return digits + prefix
  }
  return named.aggregation === 'count' ? String(value) : floatText(value)
}

function shownTypes(): string[] {
  return [...AGGREGATION_NAMES, ...AGGREGATION_NAMES.map((name) => `${name}Series`), ...UNIT_SYSTEMS]
}
