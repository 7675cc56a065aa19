import type { QuerySeries } from '../../query-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { integer, many, seriesList } from '../parameters.ts'

export const upper = defineFunction({
  name: 'upper',
  aliases: ['toUpperCase'],
  group: 'Alias',
  description:
    'Writes names in capital letters; with positions, counted from 0, or from -1 at the end, only the letters there.',
  example: 'upper(servers.web1.load, 0)',
  params: { seriesList: seriesList(), pos: many(integer()) },
  evaluate: ({ seriesList: series, pos }) => changeLetters(series, pos, (text) => text.toUpperCase()),
})

export const lower = defineFunction({
  name: 'lower',
  aliases: ['toLowerCase'],
  group: 'Alias',
  description:
    'Writes names in small letters; with positions, counted from 0, or from -1 at the end, only the letters there.',
  example: 'lower(servers.WEB1.load)',
  params: { seriesList: seriesList(), pos: many(integer()) },
  evaluate: ({ seriesList: series, pos }) => changeLetters(series, pos, (text) => text.toLowerCase()),
})

function changeLetters(
  series: readonly QuerySeries[],
  positions: readonly number[],
  change: (text: string) => string,
): QuerySeries[] {
  return series.map((one) => {
    if (positions.length === 0) return { ...one, name: change(one.name) }
    const letters = Array.from(one.name)
    for (const position of positions) {
      const index = position < 0 ? letters.length + position : position
      const letter = letters[index]
      if (letter !== undefined) letters[index] = change(letter)
    }
    return { ...one, name: letters.join('') }
  })
}
