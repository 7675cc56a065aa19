import { AGGREGATION_NAMES } from './aggregation-name.ts'
import type { FunctionEntry } from './function-entry.ts'
import { functionEntry } from './function-entry.ts'
import { FUNCTIONS } from './functions/index.ts'

/** Every function under each of its names, sorted. */
export function listFunctionEntries(): FunctionEntry[] {
  const aggregators = [...FUNCTIONS].filter(([, { isAggregator }]) => isAggregator === true)
  const callbacks = [...new Set([...AGGREGATION_NAMES, ...aggregators.map(([name]) => name)])].sort()
  return [...FUNCTIONS]
    .map(([name, definition]) => functionEntry(name, definition))
    .map((entry) => ({
      ...entry,
      params: entry.params.map((parameter) =>
        parameter.type === 'aggOrSeriesFunc' ? { ...parameter, options: callbacks } : parameter,
      ),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** What makes one number of a series, for pie charts. */
export const PIE_ENTRIES: readonly FunctionEntry[] = [
  ['average', 'The average of the values of the series.'],
  ['maximum', 'The greatest value of the series.'],
  ['minimum', 'The least value of the series.'],
].map(([name = '', description = '']) => ({
  name,
  function: `${name}(series)`,
  description,
  module: 'graphite.render.functions',
  group: 'Ungrouped',
  params: [],
}))
