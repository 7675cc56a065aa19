import { compileNamePattern } from '../calculate/name-pattern.ts'
import { defineFunction } from '../graphite-function.ts'
import { seriesList, text } from '../parameters.ts'

export const grep = defineFunction({
  name: 'grep',
  group: 'Filter Series',
  description: 'Keeps the series in whose names the regular expression finds something.',
  example: 'grep(servers.*.load, "web[0-9]+")',
  params: { seriesList: seriesList(), pattern: text() },
  evaluate({ seriesList: series, pattern }) {
    const regex = compileNamePattern(pattern)
    return series.filter(({ name }) => regex.test(name))
  },
})

export const exclude = defineFunction({
  name: 'exclude',
  group: 'Filter Series',
  description: 'Leaves out the series in whose names the regular expression finds something.',
  example: 'exclude(servers.*.load, "web[0-9]+")',
  params: { seriesList: seriesList(), pattern: text() },
  evaluate({ seriesList: series, pattern }) {
    const regex = compileNamePattern(pattern)
    return series.filter(({ name }) => !regex.test(name))
  },
})
