import { type Dashboard, GRID_COLUMNS, MAX_PANELS, MAX_TARGETS, type Panel } from './dashboard.ts'
import { idFromTitle } from './dashboard-id.ts'
import {
  type ImportedDashboard,
  isObject,
  type JsonObject,
  type NotTaken,
  objectOf,
  textOf,
} from './import-report.ts'

const WIDTH = 8
const HEIGHT = 8
/** Parameters that say nothing about the picture, or that have a place of their own. */
const SILENT = new Set(['target', 'title', 'from', 'until', 'width', 'height', '_uniq', '_salt', 'uniq'])

/** The state of a dashboard of graphite-web: `graphs` is a list of `[targets, parameters, url]`. */
export function importGraphite(state: JsonObject): ImportedDashboard {
  const notTaken: NotTaken[] = []
  const panels: Panel[] = []
  const graphs = Array.isArray(state.graphs) ? (state.graphs as unknown[]) : []
  for (const [index, graph] of graphs.entries()) {
    const [first, second] = Array.isArray(graph) ? (graph as unknown[]) : []
    const parameters = objectOf(second)
    const title = textOf(parameters.title, 500)
    const where = `graph ${index + 1}${title === '' ? '' : ` "${title.slice(0, 100)}"`}`
    const listed = Array.isArray(parameters.target) ? parameters.target : first
    const all = (Array.isArray(listed) ? (listed as unknown[]) : [listed]).filter(isTarget)
    if (all.length === 0 || panels.length === MAX_PANELS) {
      const why = all.length === 0 ? 'it has no target' : `a dashboard has at most ${MAX_PANELS} panels`
      notTaken.push({ where, what: 'the graph', why })
      continue
    }
    if (all.length > MAX_TARGETS)
      notTaken.push({ where, what: 'some targets', why: `a panel has at most ${MAX_TARGETS}` })
    const isStacked = parameters.areaMode === 'stacked'
    for (const name of Object.keys(parameters)) {
      if (SILENT.has(name) || (name === 'areaMode' && isStacked)) continue
      notTaken.push({ where, what: name.slice(0, 100), why: 'panels have no such setting' })
    }
    panels.push({
      title: title === '' ? (all[0] ?? '').slice(0, 200) : title,
      x: (panels.length % (GRID_COLUMNS / WIDTH)) * WIDTH,
      y: Math.floor(panels.length / (GRID_COLUMNS / WIDTH)) * HEIGHT,
      width: WIDTH,
      height: HEIGHT,
      draw: isStacked ? 'stacked' : 'lines',
      targets: all.slice(0, MAX_TARGETS),
    })
  }
  const title = textOf(state.name, 200) || 'Dashboard from Graphite'
  const dashboard: Dashboard = {
    version: 1,
    title,
    description: '',
    ...timesOf(state.timeConfig, notTaken),
    variables: [],
    panels,
  }
  return { kind: 'graphite', id: idFromTitle(title), dashboard, notTaken }
}

function isTarget(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 20_000
}

function timesOf(value: unknown, notTaken: NotTaken[]): { from: string; until: string } {
  if (!isObject(value)) return { from: '', until: '' }
  const quantity = Number(value.relativeStartQuantity)
  const unit = /^(minute|hour|day|week|month|year)s?$/.exec(textOf(value.relativeStartUnits, 20))?.[1]
  if (value.type === 'relative' && unit !== undefined && Number.isInteger(quantity) && quantity > 0)
    return { from: `-${quantity}${unit === 'minute' ? 'min' : unit}`, until: '' }
  notTaken.push({ where: 'dashboard', what: 'the range of time', why: 'only relative ranges are taken' })
  return { from: '', until: '' }
}
