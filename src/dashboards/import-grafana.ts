import { type Dashboard, GRID_COLUMNS, MAX_PANELS, type Panel } from './dashboard.ts'
import { idFromTitle } from './dashboard-id.ts'
import { takeVariables } from './import-grafana-variables.ts'
import { takeTargets } from './import-grafana-targets.ts'
import {
  type ImportedDashboard,
  isObject,
  type JsonObject,
  type NotTaken,
  objectOf,
  objectsOf,
  textOf,
  wholeOf,
} from './import-report.ts'

/** Drawn as lines here, which is not what they are there. */
const ALMOST_LINES = new Set([
  'stat',
  'singlestat',
  'gauge',
  'bargauge',
  'barchart',
  'heatmap',
  'table',
  'trend',
])
const LINES = new Set(['timeseries', 'graph'])
/** Settings that change what a panel says, and have no counterpart. */
const SETTINGS = [
  'alert',
  'transformations',
  'repeat',
  'thresholds',
  'seriesOverrides',
  'links',
  'timeFrom',
  'timeShift',
]

/** A dashboard of Grafana, of any age: with `gridPos`, or with rows and spans. Targets of other data sources than Graphite are reported. */
export function importGrafana(source: JsonObject): ImportedDashboard {
  const notTaken: NotTaken[] = []
  const variables = takeVariables(source, notTaken)
  const names = new Set(variables.map(({ name }) => name))
  const panels: Panel[] = []
  for (const { panel, place } of placedPanels(source)) {
    const title = textOf(panel.title, 500)
    const where = `panel "${title.slice(0, 100)}"`
    const type = textOf(panel.type, 100) || 'graph'
    if (type === 'row') continue
    if (!LINES.has(type) && !ALMOST_LINES.has(type)) {
      notTaken.push({ where, what: 'the panel', why: `there is no panel of type "${type}"` })
      continue
    }
    if (panels.length === MAX_PANELS) {
      notTaken.push({ where, what: 'the panel', why: `a dashboard has at most ${MAX_PANELS}` })
      continue
    }
    const targets = takeTargets(panel, { where, names, notTaken })
    if (targets.length === 0) {
      notTaken.push({ where, what: 'the panel', why: 'none of its targets was taken' })
      continue
    }
    if (ALMOST_LINES.has(type)) notTaken.push({ where, what: `type "${type}"`, why: 'it is drawn as lines' })
    for (const name of SETTINGS) {
      if (hasContent(panel[name])) notTaken.push({ where, what: name, why: 'panels have no such setting' })
    }
    panels.push({ title, ...place, draw: isStacked(panel) ? 'stacked' : 'lines', targets })
  }
  for (const annotation of objectsOf(objectOf(source.annotations).list)) {
    if (annotation.builtIn === 1) continue
    const why = 'events are flags on every chart, whichever they are'
    notTaken.push({ where: 'dashboard', what: `annotation "${textOf(annotation.name, 100)}"`, why })
  }
  const title = textOf(source.title, 200) || 'Dashboard from Grafana'
  const dashboard: Dashboard = {
    version: 1,
    title,
    description: textOf(source.description, 5_000),
    ...timesOf(source.time, notTaken),
    variables,
    panels,
  }
  return { kind: 'grafana', id: idFromTitle(title), dashboard, notTaken }
}

type Place = Pick<Panel, 'x' | 'y' | 'width' | 'height'>

function* placedPanels(source: JsonObject): Generator<{ panel: JsonObject; place: Place }> {
  for (const panel of objectsOf(source.panels)) {
    yield { panel, place: placeOf(objectOf(panel.gridPos)) }
    // A row that is folded holds its panels itself.
    for (const inner of objectsOf(panel.panels))
      yield { panel: inner, place: placeOf(objectOf(inner.gridPos)) }
  }
  let y = 0
  for (const row of objectsOf(source.rows)) {
    let x = 0
    for (const panel of objectsOf(row.panels)) {
      const width = wholeOf(panel.span, 1, 12, 12) * 2
      if (x + width > GRID_COLUMNS) {
        x = 0
        y += 8
      }
      yield { panel, place: { x, y: Math.min(y, 10_000), width, height: 8 } }
      x += width
    }
    y += 8
  }
}

function placeOf({ x, y, w, h }: JsonObject): Place {
  const width = wholeOf(w, 2, GRID_COLUMNS, 12)
  return {
    x: wholeOf(x, 0, GRID_COLUMNS - width, 0),
    y: wholeOf(y, 0, 10_000, 0),
    width,
    height: wholeOf(h, 2, 100, 8),
  }
}

function isStacked(panel: JsonObject): boolean {
  const { custom } = objectOf(objectOf(panel.fieldConfig).defaults)
  const { mode } = objectOf(objectOf(custom).stacking)
  return panel.stack === true || mode === 'normal' || mode === 'percent'
}

function hasContent(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  return isObject(value)
    ? Object.keys(value).length > 0
    : value !== undefined && value !== null && value !== ''
}

/** `now-6h` to `now` is `-6h` and what comes. */
function timesOf(value: unknown, notTaken: NotTaken[]): { from: string; until: string } {
  if (!isObject(value)) return { from: '', until: '' }
  const from = /^now-([0-9]{1,6})(s|m|h|d|w|M|y)$/.exec(textOf(value.from, 100))
  if (from !== null && (value.to === 'now' || value.to === undefined)) {
    const unit = { m: 'min', M: 'mon' }[from[2] ?? ''] ?? from[2]
    return { from: `-${from[1]}${unit}`, until: '' }
  }
  const why = 'only ranges that begin some time ago and end now are taken'
  notTaken.push({ where: 'dashboard', what: 'the range of time', why })
  return { from: '', until: '' }
}
