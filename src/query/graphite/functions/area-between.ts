import { withTags } from '../calculate/create-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { seriesList } from '../parameters.ts'

export const areaBetween = defineFunction({
  name: 'areaBetween',
  group: 'Graph',
  description:
    'Fills the area between two series, where areas are stacked (areaMode=stacked). It takes exactly two, in any order.',
  example: 'alpha(areaBetween(shop.latency.{min,max}), 0.3)',
  params: { seriesList: seriesList() },
  evaluate({ seriesList: series }, call) {
    const [lower, upper] = series
    if (lower === undefined || upper === undefined || series.length > 2) {
      return call.fail(`it takes exactly 2 series, not ${series.length}`)
    }
    const name = `areaBetween(${upper.pathExpression})`
    const tags = withTags(upper.tags, { areaBetween: '1' })
    return [
      { ...lower, name, tags, style: { ...lower.style, isStacked: true, isInvisible: true } },
      { ...upper, name, tags, style: { ...upper.style, isStacked: true } },
    ]
  },
})
