import type { QuerySeries, SeriesStyle } from '../../query-series.ts'
import { withTags } from '../calculate/create-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { floatText, shortText } from '../number-text.ts'
import { float, numberShownAsInteger, seriesList, text, withDefault } from '../parameters.ts'

export const alpha = defineFunction({
  name: 'alpha',
  group: 'Graph',
  description: 'How opaque the series are drawn: from 0, which is transparent, to 1.',
  example: 'alpha(servers.web1.load, 0.5)',
  params: { seriesList: seriesList(), alpha: float() },
  evaluate: ({ seriesList: series, alpha: opacity }) => series.map((one) => styled(one, { alpha: opacity })),
})

export const color = defineFunction({
  name: 'color',
  group: 'Graph',
  description: 'The colour of the series: a name, or six or, with the opacity, eight hexadecimal digits.',
  example: 'color(servers.web1.load, "ff8800")',
  params: { seriesList: seriesList(), theColor: text() },
  evaluate: ({ seriesList: series, theColor }) => series.map((one) => styled(one, { color: theColor })),
})

export const lineWidth = defineFunction({
  name: 'lineWidth',
  group: 'Graph',
  description: 'The width of the lines, in pixels.',
  example: 'lineWidth(servers.web1.load, 3)',
  params: { seriesList: seriesList(), width: float() },
  evaluate: ({ seriesList: series, width }) => series.map((one) => styled(one, { lineWidth: width })),
})

export const dashed = defineFunction({
  name: 'dashed',
  group: 'Graph',
  description: 'Draws the series in dashes, of so many pixels.',
  example: 'dashed(servers.web1.load, 2.5)',
  params: { seriesList: seriesList(), dashLength: withDefault(numberShownAsInteger(), 5) },
  evaluate: ({ seriesList: series, dashLength }) =>
    series.map((one) => ({
      ...styled(one, { dashed: dashLength }),
      name: `dashed(${one.name}, ${shortText(dashLength)})`,
      tags: withTags(one.tags, {
        dashed: Number.isInteger(dashLength) ? String(dashLength) : floatText(dashLength),
      }),
    })),
})

export const secondYAxis = defineFunction({
  name: 'secondYAxis',
  group: 'Graph',
  description: 'Draws the series against a second axis, at the right.',
  example: 'secondYAxis(servers.web1.load)',
  params: { seriesList: seriesList() },
  evaluate: ({ seriesList: series }) =>
    series.map((one) => ({
      ...styled(one, { isOnSecondYAxis: true }),
      name: `secondYAxis(${one.name})`,
      tags: withTags(one.tags, { secondYAxis: '1' }),
    })),
})

export const drawAsInfinite = defineFunction({
  name: 'drawAsInfinite',
  group: 'Graph',
  description:
    'Draws a line from the bottom to the top where a value is above 0: for what is either on or off.',
  example: 'drawAsInfinite(deploys.web1)',
  params: { seriesList: seriesList() },
  evaluate: ({ seriesList: series }) =>
    series.map((one) => ({
      ...styled(one, { isDrawnAsInfinite: true }),
      name: `drawAsInfinite(${one.name})`,
      tags: withTags(one.tags, { drawAsInfinite: '1' }),
    })),
})

function styled(series: QuerySeries, style: SeriesStyle): QuerySeries {
  return { ...series, style: { ...series.style, ...style } }
}
