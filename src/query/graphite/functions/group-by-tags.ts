import { groupBy } from '../calculate/node-key.ts'
import { withTags } from '../calculate/create-series.ts'
import type { QuerySeries, SeriesTags } from '../../query-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { aggregationOrFunction, atLeastOne, seriesList, tag } from '../parameters.ts'

export const groupByTags = defineFunction({
  name: 'groupByTags',
  group: 'Combine',
  description:
    'Makes one series of all that have the same values of these tags, by the aggregation or function that is named. The result has those tags and no others; its name is that of the series, if they have one name, and else the aggregation.',
  example: 'groupByTags(seriesByTag("name=cpu"), "average", "datacenter")',
  params: { seriesList: seriesList(), callback: aggregationOrFunction(), tags: atLeastOne(tag()) },
  async evaluate({ seriesList: series, callback, tags }, call) {
    const names = new Set(series.map((one) => tagOf(one, 'name')))
    const commonName = names.size === 1 ? ([...names][0] ?? '') : callback
    const nameOf = (one: QuerySeries): string => (tags.includes('name') ? tagOf(one, 'name') : commonName)
    const shown = tags.filter((name) => name !== 'name')
    const combined: QuerySeries[] = []
    for (const [name, group] of groupBy(series, (one) => taggedName(nameOf(one), one, shown))) {
      const [one] = await call.apply(callback, [group])
      if (one === undefined) continue
      const first = group[0] as QuerySeries
      const values: SeriesTags = Object.fromEntries(shown.map((each) => [each, tagOf(first, each)]))
      combined.push({ ...one, name, pathExpression: name, tags: withTags(values, { name: nameOf(first) }) })
    }
    return combined
  },
})

function taggedName(name: string, series: QuerySeries, tags: readonly string[]): string {
  return [name, ...tags.map((each) => `${each}=${tagOf(series, each)}`).sort()].join(';')
}

function tagOf({ tags }: QuerySeries, name: string): string {
  return Object.hasOwn(tags, name) ? String(tags[name]) : ''
}
