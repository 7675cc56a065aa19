import { derive } from '../calculate/create-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { atLeastOne, seriesList, text } from '../parameters.ts'

export const changed = defineFunction({
  name: 'changed',
  group: 'Special',
  description:
    '1 where a value is another than the one before it, nulls passed over; else 0, also for nulls.',
  example: 'changed(servers.web1.version)',
  params: { seriesList: seriesList() },
  evaluate: ({ seriesList: series }) =>
    series.map((one) => {
      let previous = Number.NaN
      const values = one.values.map((value) => {
        if (Number.isNaN(value)) return 0
        const isChanged = !Number.isNaN(previous) && previous !== value
        previous = value
        return isChanged ? 1 : 0
      })
      return derive(one, `changed(${one.name})`, { values })
    }),
})

export const fallbackSeries = defineFunction({
  name: 'fallbackSeries',
  group: 'Special',
  description: 'The series, or, where there are none, those of the fallback.',
  example: 'fallbackSeries(servers.*.errors, constantLine(0))',
  params: { seriesList: seriesList(), fallback: seriesList() },
  evaluate: ({ seriesList: series, fallback }) => (series.length > 0 ? series : fallback),
})

export const seriesByTag = defineFunction({
  name: 'seriesByTag',
  group: 'Special',
  description:
    'The series whose tags satisfy every expression: `tag=value`, `tag!=value`, `tag=~regex`, `tag!=~regex`. A regular expression has to match from the beginning of the value on. `name` is the tag of the name; a tag that a series does not have is empty. At least one expression has to ask for something that is not empty.',
  example: 'seriesByTag("name=cpu", "datacenter=~eu-.*")',
  params: { tagExpressions: atLeastOne(text()) },
  query: ({ tagExpressions }) => ({ kind: 'tags', expressions: tagExpressions }),
  evaluate() {
    throw new Error('BUG: seriesByTag is answered by the store')
  },
})
