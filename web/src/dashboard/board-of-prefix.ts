import type { MetricEntry } from '../api.ts'
import type { Dashboard, Panel } from '../boards/board-api.ts'
import { mainSeries } from '../main-series.ts'
import { targetOf } from '../series-loader.ts'
import { layOutDashboard, type Overlay } from './layout.ts'
import { titleOf } from './prefixes.ts'

/** As many as a dashboard may have, and as many targets as a panel may. */
const MAX_PANELS = 300
const MAX_TARGETS = 50
const WIDTH = 12
const HEIGHT = 9

/** The automatic dashboard of a prefix as one that can be saved: a panel for each of its graphs, two in a row. */
export function boardOfPrefix(metrics: readonly MetricEntry[], prefix: string): Dashboard {
  const graphs = layOutDashboard(metrics, prefix).flatMap((section) => [
    ...section.overlays.map((overlay) => ({
      title: overlay.isByTags ? overlay.title : `${prefix}.${overlay.title}`,
      targets: targetsOf(overlay),
    })),
    ...section.metrics.map((metric) => ({
      title: metric.key,
      targets: [targetOf(mainSeries(metric) ?? metric.key)],
    })),
  ])
  const panels = graphs.slice(0, MAX_PANELS).map(
    ({ title, targets }, index): Panel => ({
      title: title.slice(0, 500),
      x: (index % 2) * WIDTH,
      y: Math.floor(index / 2) * HEIGHT,
      width: WIDTH,
      height: HEIGHT,
      draw: 'lines',
      targets,
    }),
  )
  return {
    version: 1,
    title: titleOf(prefix).slice(0, 200),
    description: '',
    from: '',
    until: '',
    variables: [],
    panels,
  }
}

/** A pattern where one says them all, so that a host which comes later is drawn too. */
function targetsOf({ members, isByTags }: Overlay): string[] {
  const targets = members.map(({ metric }) => targetOf(mainSeries(metric) ?? metric.key))
  if (isByTags) return targets.slice(0, MAX_TARGETS)
  const [first = [], ...others] = targets.map((target) => target.split('.'))
  const differing = first.flatMap((node, index) =>
    others.some((nodes) => nodes[index] !== node) ? [index] : [],
  )
  const [place] = differing
  const isOnePattern = differing.length === 1 && others.every(({ length }) => length === first.length)
  if (place === undefined || !isOnePattern) return targets.slice(0, MAX_TARGETS)
  return [first.with(place, '*').join('.')]
}
