import { expect, test } from 'vitest'
import { checkDashboard } from './dashboard.ts'
import { importDashboard } from './import-dashboard.ts'

const grafana = {
  dashboard: {
    title: 'Shop: API (prod)',
    schemaVersion: 39,
    version: 1,
    time: { from: 'now-6h', to: 'now' },
    templating: {
      list: [
        { name: 'host', type: 'query', query: 'servers.*', current: { value: ['a', 'b'] } },
        { name: 'tag', type: 'query', query: 'tag_values(env)', current: { value: 'x' } },
        { name: 'level', type: 'custom', query: 'p50, p90', current: { value: 'p90' } },
        { name: 'ds', type: 'datasource', query: 'graphite' },
      ],
    },
    panels: [
      {
        title: 'CPU',
        type: 'timeseries',
        gridPos: { x: 12, y: 3, w: 12, h: 7 },
        datasource: { type: 'graphite', uid: 'u' },
        fieldConfig: { defaults: { custom: { stacking: { mode: 'normal' } } } },
        targets: [
          { refId: 'A', target: 'servers.[[host]].cpu.${level:raw}' },
          { refId: 'B', target: 'sumSeries(#A)' },
          { refId: 'C', target: 'x', hide: true },
          { refId: 'D', target: 'sum(#D)' },
          { refId: 'E', target: 'a.$tag' },
        ],
        alert: { name: 'high' },
      },
      { title: 'Notes', type: 'text', targets: [] },
      {
        title: 'Up',
        type: 'timeseries',
        targets: [{ refId: 'A', expr: 'up', datasource: { type: 'prometheus' } }],
      },
      {
        type: 'row',
        collapsed: true,
        panels: [{ title: 'In', type: 'stat', targets: [{ refId: 'A', target: 'a.b' }] }],
      },
    ],
    annotations: { list: [{ builtIn: 1 }, { name: 'deploys' }] },
  },
}

test('of Grafana what is Graphite’s is taken, and the rest reported', () => {
  const { kind, id, dashboard, notTaken } = importDashboard(grafana)
  expect({ kind, id }).toEqual({ kind: 'grafana', id: 'shop-api-prod' })
  expect(dashboard).toMatchObject({ title: 'Shop: API (prod)', from: '-6h', until: '' })
  expect(dashboard.variables).toEqual([
    { name: 'host', query: 'servers.*', choices: [], value: '{a,b}' },
    { name: 'level', query: '', choices: ['p50', 'p90'], value: 'p90' },
  ])
  const cpu = 'servers.${host}.cpu.${level}'
  expect(dashboard.panels).toEqual([
    { title: 'CPU', x: 12, y: 3, width: 12, height: 7, draw: 'stacked', targets: [cpu, `sumSeries(${cpu})`] },
    { title: 'In', x: 0, y: 0, width: 12, height: 8, draw: 'lines', targets: ['a.b'] },
  ])
  expect(notTaken.map(({ where, what, why }) => `${where} / ${what} / ${why}`)).toEqual([
    'variable "tag" / the variable / only patterns of names are taken as its query',
    'variable "ds" / the variable / there is no variable of type "datasource"',
    'panel "CPU" / target C / it is hidden there',
    'panel "CPU" / target D / it refers to others without an end',
    'panel "CPU" / target E / it needs the variable "tag", which was not taken',
    'panel "CPU" / alert / panels have no such setting',
    'panel "Notes" / the panel / there is no panel of type "text"',
    'panel "Up" / target A / its data source is "prometheus", not Graphite',
    'panel "Up" / the panel / none of its targets was taken',
    'panel "In" / type "stat" / it is drawn as lines',
    'dashboard / annotation "deploys" / events are flags on every chart, whichever they are',
  ])
  expect(checkDashboard(dashboard)).toEqual({ dashboard })
})

test('rows with spans, as Grafana once had them, become places', () => {
  const panel = { type: 'graph', span: 8, targets: [{ target: 'a' }] }
  const { dashboard } = importDashboard({
    title: 'Old',
    rows: [{ panels: [panel, panel] }, { panels: [panel] }],
  })
  expect(dashboard.panels.map(({ x, y, width }) => [x, y, width])).toEqual([
    [0, 0, 16],
    [0, 8, 16],
    [0, 16, 16],
  ])
})

test('graphs of Graphite become panels, three in a row', () => {
  const { kind, dashboard, notTaken } = importDashboard({
    state: {
      name: 'ops',
      timeConfig: { type: 'relative', relativeStartUnits: 'hours', relativeStartQuantity: '2' },
      graphs: [
        [['a.*'], { title: 'A', areaMode: 'stacked', target: ['a.*'], lineWidth: 2 }, '/render?x'],
        ['b', { target: 'b' }, ''],
        [[], {}, ''],
        'nothing',
        [['c', 7], {}],
        [['d'], {}],
      ],
    },
  })
  expect({ kind, title: dashboard.title, from: dashboard.from }).toEqual({
    kind: 'graphite',
    title: 'ops',
    from: '-2hour',
  })
  expect(dashboard.panels.map(({ title, x, y, draw, targets }) => [title, x, y, draw, targets])).toEqual([
    ['A', 0, 0, 'stacked', ['a.*']],
    ['b', 8, 0, 'lines', ['b']],
    ['c', 16, 0, 'lines', ['c']],
    ['d', 0, 8, 'lines', ['d']],
  ])
  expect(notTaken.map(({ where, what }) => `${where} / ${what}`)).toEqual([
    'graph 1 "A" / lineWidth',
    'graph 3 / the graph',
    'graph 4 / the graph',
  ])
})

test('one of our own comes back as it is', () => {
  const { kind, dashboard } = importDashboard({ version: 1, title: 'Ours' })
  expect({ kind, title: dashboard.title }).toEqual({ kind: 'kymo', title: 'Ours' })
})

test.each([[null], [[]], ['text'], [{}], [{ version: 1, title: '' }], [{ panels: 'none' }]])(
  '%j is none',
  (document) => {
    expect(() => importDashboard(document)).toThrow(expect.objectContaining({ code: 'dashboard-invalid' }))
  },
)

test('whatever is wrong inside, what comes out can be saved', () => {
  const wrong: unknown[] = [null, 7, 'x', [], {}, { x: 1e300, w: -5 }, Number.NaN, 'y'.repeat(30_000)]
  for (const one of wrong) {
    for (const document of [
      {
        title: one,
        panels: [one, { title: one, type: one, gridPos: one, targets: [{ target: 'a', refId: one }] }],
        templating: one,
        time: one,
      },
      {
        panels: [{ targets: one, fieldConfig: one }, { targets: [one, { target: one }] }],
        templating: { list: [one, { name: one, query: one }] },
      },
      { rows: [one, { panels: [one, { span: one, targets: [{ target: 'a' }] }] }], annotations: one },
      { graphs: [one, [one, one], [['a'], { title: one }]], timeConfig: one, name: one },
    ]) {
      const { dashboard } = importDashboard(document)
      expect(checkDashboard(dashboard)).toEqual({ dashboard })
    }
  }
})
