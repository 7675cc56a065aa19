import { excerpt } from '../../../lib/excerpt.ts'
import { last, maximum } from '../calculate/aggregate-values.ts'
import { compileSubstitution } from '../calculate/name-pattern.ts'
import { renameEach } from '../calculate/rename-each.ts'
import { formatNumber } from '../calculate/printf.ts'
import { defineFunction } from '../graphite-function.ts'
import { float, optional, seriesList, text } from '../parameters.ts'

export const aliasQuery = defineFunction({
  name: 'aliasQuery',
  group: 'Alias',
  description:
    'Names each series after the last value of another one. Which one, is found by replacing what the regular expression finds in the name, as aliasSub does; in the new name `%d` or `%.2f` stands for the value.',
  example: 'aliasQuery(radio.*.power, "power", "channel", "Channel %d")',
  params: { seriesList: seriesList(), search: text(), replace: text(), newName: text() },
  async evaluate({ seriesList: series, search, replace, newName }, call) {
    const substitute = compileSubstitution(search, replace, call)
    const targets = series.map(({ name }) => substitute(name))
    const found = await call.evaluateTargets(targets)
    return series.map((one, index) => {
      const target = excerpt(targets[index] ?? '', 200)
      const [other] = found[index] ?? []
      if (other === undefined) return call.fail(`there is no series "${target}"`)
      const value = last(other.values)
      if (Number.isNaN(value)) return call.fail(`the series "${target}" has no value`)
      const name = formatNumber(newName, value)
      return name === undefined
        ? call.fail('the new name has to have one place for a number, as %d')
        : { ...one, name }
    })
  },
})

export const useSeriesAbove = defineFunction({
  name: 'useSeriesAbove',
  group: 'Filter Series',
  description:
    'For each series that has a value above the given one, another series: the one whose name comes of replacing what the regular expression finds in the name, as aliasSub does.',
  example: 'useSeriesAbove(servers.*.requests, 10, "requests", "latency")',
  params: { seriesList: seriesList(), value: float(), search: text(), replace: text() },
  async evaluate({ seriesList: series, value, search, replace }, call) {
    const substitute = compileSubstitution(search, replace, call)
    const above = series.filter(({ values }) => maximum(values) > value)
    const found = await call.evaluateTargets(above.map(({ name }) => substitute(name)))
    return found.flat().filter(({ values }) => values.length > 0)
  },
})

export const aboveSeries = defineFunction({
  name: 'aboveSeries',
  group: 'Filter Series',
  description:
    'Keeps the series that have a value above the given one. With search and replace it gives them other names, as aliasSub does; for other series of those names, use useSeriesAbove.',
  example: 'aboveSeries(servers.*.requests, 10)',
  params: { seriesList: seriesList(), value: float(), search: optional(text()), replace: optional(text()) },
  evaluate({ seriesList: series, value, search, replace }, call) {
    const above = series.filter(({ values }) => maximum(values) > value)
    if (search === undefined || replace === undefined) return above
    const substitute = compileSubstitution(search, replace, call)
    return renameEach(above, call, ({ name }) => substitute(name))
  },
})
