import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../lib/fake-clock.ts'
import type { FakeSeries } from '../../query/testdata/fake-store-access.ts'
import { FakeStoreAccess } from '../../query/testdata/fake-store-access.ts'
import { DEFAULT_QUERY_LIMITS, type QueryLimits } from '../../query/query-limits.ts'
import { findTimeZone } from '../../query/time-zone.ts'
import { openMemoryStore } from '../../store/index.ts'
import { createRuleBook, createSeriesLevels } from '../../store/rules/index.ts'
import { KymoError } from '../../telemetry/errors.ts'
import type { QueryKind } from '../services.ts'
import { answerQuery } from './index.ts'

const NOW = 1_700_000_000
type Parameters = Record<string, string | string[]>

const SERIES: FakeSeries[] = [
  { key: 'servers.web1.cpu', points: [] },
  { key: 'servers.web1.cpu.user', points: [] },
  { key: 'servers.web2.cpu', points: [] },
  { key: 'servers.total', points: [] },
  { key: 'servers.__proto__', points: [] },
  { key: 'tagged;env=prod', points: [] },
].map((one) => ({
  ...one,
  points: [1, 2, 3].map((value) => [(NOW - 40 + value * 10) * 1000, value] as const),
}))

const RULES = createRuleBook({
  defaultRetentions: [
    { stepSeconds: 10, retentionSeconds: 86_400 },
    { stepSeconds: 60, retentionSeconds: 90 * 86_400 },
  ],
})

const ROLLED_UP = {
  'schema-name': 'kymo',
  'schema-retentions': '10s:1d,1m:90d',
  'archive-read': 1,
  'archive-interval': 60,
  'aggnum-norm': 1,
  'consolidator-normfetch': 'AverageConsolidator',
  'aggnum-rc': 865,
  'consolidator-rc': 'AverageConsolidator',
  count: 2,
}

async function answer(
  kind: QueryKind,
  parameters: Parameters,
  signal?: AbortSignal,
  limits: Partial<QueryLimits> = {},
) {
  const clock = new FakeClock(NOW * 1000)
  const access = new FakeStoreAccess(SERIES)
  const levels = parameters.meta === undefined ? {} : { levels: createSeriesLevels(RULES, clock) }

  const defaultTimeZone = findTimeZone('UTC')
  if (defaultTimeZone === undefined) throw new Error('no UTC')
  return answerQuery(
    {
      kind,
      parameters: Object.fromEntries(
        Object.entries(parameters).map(([name, value]) => [name, [value].flat()]),
      ),
    },
    {
      access: Object.assign(access, levels),
      pointReader: openMemoryStore().engine,
      allSeries: () => access.allSeries(),
      clock,
      stepSeconds: 10,
      defaultTimeZone,
      limits: { ...DEFAULT_QUERY_LIMITS, ...limits },
    },
    signal ?? new AbortController().signal,
  )
}

async function text(kind: QueryKind, parameters: Parameters): Promise<string> {
  return new TextDecoder().decode((await answer(kind, parameters)).body)
}

async function json(kind: QueryKind, parameters: Parameters): Promise<unknown> {
  const format = kind === 'render' ? { format: 'json' } : {}
  return JSON.parse(await text(kind, { ...format, ...parameters }))
}

describe('render', () => {
  test('a pie has targets that say their value themselves', async () => {
    const pie = { target: ['servers.total', 'rest & more: 1.5e1'], from: `${NOW - 30}`, graphType: 'pie' }
    const drawn = await text('render', { ...pie, format: 'svg', height: '300', width: '400' })
    expect(drawn).toContain('>rest &amp; more: 15</text>')
    expect(drawn).toContain('>servers.total: ')
    await expect(answer('render', { ...pie, graphType: 'line', format: 'svg' })).rejects.toMatchObject({
      code: 'target-invalid',
    })
  })

  test.each([
    [{}, 'image/png', '\ufffdPNG'],
    [{ format: 'png' }, 'image/png', '\ufffdPNG'],
    [{ format: 'svg' }, 'image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" width="330" height="250"'],
  ])('%j draws %s', async (parameters, contentType, beginning) => {
    const given = await answer('render', { target: 'servers.total', from: `${NOW - 30}`, ...parameters })
    expect(given.contentType).toBe(contentType)
    expect(new TextDecoder().decode(given.body).slice(0, beginning.length)).toBe(beginning)
    expect(given.body.byteLength).toBe(given.body.buffer.byteLength)
  })

  test('gives the points after from, up to until', async () => {
    expect(
      await json('render', { target: 'servers.total', from: `${NOW - 30}`, until: `${NOW - 10}` }),
    ).toEqual([
      {
        target: 'servers.total',
        tags: { name: 'servers.total' },
        datapoints: [
          [2, NOW - 20],
          [3, NOW - 10],
        ],
      },
    ])
  })

  test('consolidates json to maxDataPoints, and neither raw nor csv', async () => {
    const range = { target: 'servers.total', from: '-40s', maxDataPoints: '1' }
    expect(await json('render', range)).toMatchObject([{ datapoints: [[2, NOW - 30]] }])
    expect(await text('render', { ...range, format: 'raw' })).toBe(
      `servers.total,${NOW - 30},${NOW + 10},10|1,2,3,None\n`,
    )
    expect((await text('render', { ...range, format: 'csv' })).split('\r\n').length).toBe(5)
  })

  test('without nulls holds after consolidation too', async () => {
    const parameters = { target: 'servers.total', from: '-40s', noNullPoints: '1' }
    expect(await json('render', parameters)).toMatchObject([
      { datapoints: [[1], [2], [3]].map(([v = 0]) => [v, NOW - 40 + v * 10]) },
    ])
    expect(await json('render', { ...parameters, from: '-1h', until: '-30min', maxDataPoints: '5' })).toEqual(
      [],
    )
  })

  test('without targets is an empty list', async () => {
    expect(await text('render', { format: 'json' })).toBe('[]')
    expect(await text('render', { target: ['', ' '], format: 'csv' })).toBe('')
  })

  test('answers in the dialect of Metrictank, if asked to', async () => {
    const parameters = {
      target: ['servers.web?.cpu', 'constantLine(3)'],
      from: '-3d',
      maxDataPoints: '5',
      meta: 'true',
    }
    expect(await json('render', parameters)).toMatchObject({
      version: 'v0.1',
      meta: { stats: { 'executeplan.series-fetch.count': 2 } },
      series: [
        { target: 'servers.web1.cpu', interval: 51_900, meta: [ROLLED_UP], datapoints: expect.anything() },
        { target: 'servers.web2.cpu', meta: [ROLLED_UP] },
        { target: '3.0', meta: [] },
      ],
    })
    const fine = { target: 'servers.total', from: '-40s', meta: '1' }
    expect(await json('render', fine)).toMatchObject({
      series: [
        {
          interval: 10,
          meta: [
            {
              'archive-read': 0,
              'archive-interval': 10,
              'aggnum-rc': 0,
              'consolidator-rc': 'NoneConsolidator',
            },
          ],
        },
      ],
    })
    expect(await text('render', { ...fine, format: 'raw' })).toMatch(/^servers\.total,/)
    expect(await text('render', { ...fine, format: 'json', pretty: '1', jsonp: 'f' })).toMatch(
      /^f\(\{.*\}\)$/s,
    )
  })

  test('limits count over all targets of that dialect', async () => {
    const many = {
      target: ['servers.*', 'servers.*', 'servers.*'],
      from: '-40s',
      meta: 'true',
      format: 'json',
    }
    await expect(answer('render', many, undefined, { maxSeries: 5 })).rejects.toMatchObject({
      code: 'too-many-results',
    })
    expect(await json('render', { ...many, target: 'servers.*' })).toMatchObject({ version: 'v0.1' })
  })

  test('addresses a tagged series by its whole key', async () => {
    expect(await json('render', { target: 'tagged;env=prod' })).toMatchObject([
      { target: 'tagged;env=prod', tags: { env: 'prod', name: 'tagged' } },
    ])
  })

  test('ends when it is aborted', async () => {
    await expect(answer('render', { target: 'a' }, AbortSignal.abort(new Error('gone')))).rejects.toThrow(
      'gone',
    )
  })
})

test('explain counts what every part of a target has', async () => {
  const target = "movingAverage(group(servers.total, scale(servers.total, 2)), '20s')"
  const leaf = { label: 'servers.total', from: NOW - 60, until: NOW, series: 1, points: 6, children: [] }
  expect(await json('explain', { target, from: '-40s' })).toEqual({
    from: NOW - 40,
    until: NOW,
    targets: [
      {
        target,
        label: 'movingAverage(windowSize="20s")',
        from: NOW - 40,
        until: NOW,
        series: 2,
        points: 8,
        finest_step: 10,
        coarsest_step: 10,
        children: [
          expect.objectContaining({
            label: 'group()',
            series: 2,
            points: 12,
            children: [
              expect.objectContaining(leaf) as object,
              expect.objectContaining({
                label: 'scale(factor=2)',
                children: [expect.objectContaining(leaf) as object],
              }) as object,
            ],
          }) as object,
        ],
      },
    ],
  })
})

describe('find', () => {
  const branch = { allowChildren: 1, expandable: 1, leaf: 0, context: {} }
  const leaf = { allowChildren: 0, expandable: 0, leaf: 1, context: {} }

  const cases: [what: string, parameters: Parameters, wanted: unknown][] = [
    [
      'branches come before leaves',
      { query: 'servers.*' },
      [
        { text: 'web1', id: 'servers.web1', ...branch },
        { text: 'web2', id: 'servers.web2', ...branch },
        { text: '__proto__', id: 'servers.__proto__', ...leaf },
        { text: 'total', id: 'servers.total', ...leaf },
      ],
    ],
    [
      'of a name found twice one is kept, and the glob stays in the id',
      { query: 'servers.*.cpu' },
      [{ text: 'cpu', id: 'servers.*.cpu', ...branch }],
    ],
    ['the first level has no path in front', { query: '*' }, [{ text: 'servers', id: 'servers', ...branch }]],
    [
      'wildcards put a star first',
      { query: 'servers.web?', wildcards: '1' },
      [
        { text: '*', id: 'servers.*', ...branch },
        { text: 'web1', id: 'servers.web1', ...branch },
        { text: 'web2', id: 'servers.web2', ...branch },
      ],
    ],
    [
      'a star of one node is none',
      { query: 'servers.web1', wildcards: '1' },
      [{ text: 'web1', id: 'servers.web1', ...branch }],
    ],
    [
      'only leaves, if asked for',
      { query: 'servers.*', leavesOnly: '1' },
      [
        { text: '__proto__', id: 'servers.__proto__', ...leaf },
        { text: 'total', id: 'servers.total', ...leaf },
      ],
    ],
    ['words of Grafana are no times', { query: 'nothing', from: 'undefined', until: 'NaN' }, []],
    [
      'completer gives both kinds of a node',
      { query: 'servers.web1.c', format: 'completer' },
      {
        metrics: [
          { path: 'servers.web1.cpu.', name: 'cpu', is_leaf: '0' },
          { path: 'servers.web1.cpu', name: 'cpu', is_leaf: '1' },
        ],
      },
    ],
    [
      'completer takes two dots for names that begin so',
      { query: 'ser..t', format: 'completer', wildcards: '1' },
      { metrics: [{ path: 'servers.total', name: 'total', is_leaf: '1' }] },
    ],
    [
      'completer ends in a star, if asked for',
      { query: 'servers.web', format: 'completer', wildcards: '1' },
      { metrics: [expect.anything(), expect.anything(), { name: '*' }] },
    ],
    [
      'completer takes a list without braces',
      { query: 'servers.web1,web2', format: 'completer', automatic_variants: '1' },
      {
        metrics: [
          { path: 'servers.web1.', name: 'web1', is_leaf: '0' },
          { path: 'servers.web2.', name: 'web2', is_leaf: '0' },
        ],
      },
    ],
    [
      'json tells since when and until when',
      { query: 'servers.{total,web2}', format: 'json' },
      [
        { path: 'servers.total', is_leaf: true, intervals: [{ start: NOW - 30, end: NOW - 10 }] },
        { path: 'servers.web2', is_leaf: false },
      ],
    ],
    [
      'json is by path',
      { query: 'servers.*.cpu', format: 'json', leavesOnly: '1' },
      [
        expect.objectContaining({ path: 'servers.web1.cpu' }),
        expect.objectContaining({ path: 'servers.web2.cpu' }),
      ],
    ],
    [
      'leaves that ended long before the range are left out, and branches are not',
      { query: 'servers.{total,web2}', format: 'nodelist', from: `${NOW + 591}` },
      { nodes: ['web2'] },
    ],
    [
      'leaves that ended shortly before the range are there',
      { query: 'servers.total', format: 'nodelist', from: `${NOW + 590}`, until: `${NOW + 1_000}` },
      { nodes: ['total'] },
    ],
    [
      'leaves that began long after the range are left out',
      { query: 'servers.total', format: 'nodelist', from: '0', until: `${NOW - 631}` },
      { nodes: [] },
    ],
    [
      'leaves that began shortly after the range are there',
      { query: 'servers.total', format: 'nodelist', until: `${NOW - 630}` },
      { nodes: ['total'] },
    ],
    [
      '-1 is no time',
      { query: 'servers.total', format: 'nodelist', from: '-1', until: '-1' },
      { nodes: ['total'] },
    ],
    [
      'nodelist gives names at a place',
      { query: 'servers.*.cpu', format: 'nodelist', position: '1' },
      { nodes: ['web1', 'web2'] },
    ],
    [
      'nodelist gives the last without one',
      { query: 'servers.*.cpu', format: 'nodelist' },
      { nodes: ['cpu'] },
    ],
    ['nodelist past the end is empty', { query: '*', format: 'nodelist', position: '99' }, { nodes: [] }],
  ]
  test.each(cases)('%s', async (_what, parameters, wanted) => {
    expect(await json('find', parameters)).toEqual(wanted)
  })

  test('can be wrapped', async () => {
    expect(await text('find', { query: 'none', jsonp: 'cb' })).toBe('cb([])')
  })
})

describe('what another graphite-web asks for', () => {
  test.each([
    ['pickle', 'application/pickle', /^\x80[^]*is_leaf[^]*\.$/],
    ['msgpack', 'application/x-msgpack', /^\x92[^]*is_leaf/],
  ])('comes as %s', async (format, contentType, wanted) => {
    const found = await answer('find', { query: 'servers.{total,web2}', format })
    expect(found.contentType).toBe(contentType)
    expect(Buffer.from(found.body).toString('latin1')).toMatch(wanted)
  })
})

describe('index', () => {
  test('has every name, sorted', async () => {
    expect(await json('index', {})).toEqual([
      'servers.__proto__',
      'servers.total',
      'servers.web1.cpu',
      'servers.web1.cpu.user',
      'servers.web2.cpu',
      'tagged;env=prod',
    ])
    expect(await text('index', { jsonp: 'f' })).toMatch(/^f\(\[/)
  })
})

describe('expand', () => {
  const cases: [parameters: Parameters, results: unknown][] = [
    [{ query: 'servers.web*' }, ['servers.web1', 'servers.web2']],
    [
      { query: ['servers.web*', 'servers.*', ''] },
      ['servers.__proto__', 'servers.total', 'servers.web1', 'servers.web2'],
    ],
    [{ query: 'servers.*', leavesOnly: '1' }, ['servers.__proto__', 'servers.total']],
    [
      { query: ['servers.t*', 'x'], groupByExpr: '1' },
      { 'servers.t*': ['servers.total'], x: [] },
    ],
  ]
  test.each(cases)('%j', async (parameters, results) => {
    expect(await json('expand', parameters)).toEqual({ results })
  })

  test('groups under any text', async () => {
    expect(await text('expand', { query: '__proto__', groupByExpr: '1' })).toBe(
      '{"results":{"__proto__":[]}}',
    )
  })
})

test('metrics lists what was sent, with its series', async () => {
  const { metrics } = (await json('metrics', { limit: '2' })) as { metrics: unknown[] }
  expect(metrics.length).toBe(2)
  expect(metrics[0]).toEqual({
    key: 'servers.web1.cpu',
    type: 'untyped',
    firstSeenMs: (NOW - 30) * 1000,
    lastSeenMs: (NOW - 10) * 1000,
    series: [{ key: 'servers.web1.cpu', statistic: 'value' }],
  })
  expect(((await json('metrics', { limit: '999999' })) as { metrics: unknown[] }).metrics.length).toBe(
    SERIES.length,
  )
})

describe('tags', () => {
  test.each([
    ['tagged-series', { expr: 'env=prod' }, ['tagged;env=prod']],
    ['tagged-series', { 'expr[]': ['env=prod', 'name=other'] }, []],
    ['tagged-series', { expr: 'name=servers.total' }, ['servers.total']],
    ['tags', {}, [{ tag: 'env' }, { tag: 'name' }]],
    ['tags', { filter: 'n' }, [{ tag: 'name' }]],
    ['tags', { limit: '1' }, [{ tag: 'env' }]],
    ['tag', { tag: 'env' }, { tag: 'env', values: [{ count: 1, value: 'prod' }] }],
    ['tag', { tag: 'env', filter: 'x' }, { tag: 'env', values: [] }],
    ['tag', { tag: 'none' }, null],
    ['tag-completion', {}, ['env', 'name']],
    ['tag-completion', { tagPrefix: 'e' }, ['env']],
    ['tag-completion', { expr: 'env=prod' }, ['name']],
    ['value-completion', { tag: 'env' }, ['prod']],
    ['value-completion', { tag: 'env', valuePrefix: 'x' }, []],
    ['value-completion', { tag: 'name', expr: ['env=prod'] }, ['tagged']],
    [
      'value-completion',
      { tag: 'name', valuePrefix: 'servers.web', limit: '2' },
      ['servers.web1.cpu', 'servers.web1.cpu.user'],
    ],
  ] as [QueryKind, Parameters, unknown][])('%s %j', async (kind, parameters, wanted) => {
    expect(await json(kind, parameters)).toEqual(wanted)
  })
})

describe('hostile values give an error with a status, or an answer within bounds', () => {
  const MEGABYTE = 'a'.repeat(1_000_000)
  const kinds: Record<QueryKind, Record<string, readonly (string | string[])[]>> = {
    render: {
      target: [
        MEGABYTE,
        '*'.repeat(60_000),
        '*a'.repeat(30_000),
        '{a,b}'.repeat(10_000),
        `${'*.'.repeat(30_000)}*`,
        '(',
        '\u0000',
        'constructor',
        Array.from({ length: 5_000 }, (_value, index) => `a${index}`),
        Array.from({ length: 1_000 }, (_value, index) => `servers.*,`.repeat(index)),
        Array.from({ length: 1_000 }, () => 'servers.*'),
      ],
      'target[]': [MEGABYTE, ''],
      from: ['-50y', '-9999y', '0', '-1', '9'.repeat(1000), MEGABYTE, '+50y', '__proto__'],
      until: ['+50y', '-50y', '253402300799', MEGABYTE, '1e9'],
      now: ['0', '20990101', MEGABYTE, 'now-1m'],
      tz: [MEGABYTE, '../../etc/passwd', '+25:00', '\u0000', '__proto__'],
      format: [MEGABYTE, 'png', '__proto__', 'JSON'],
      maxDataPoints: ['1000000000', '-1', 'NaN', '0', '1', '9'.repeat(1000), MEGABYTE],
      jsonp: [MEGABYTE, '</script>', '\u2028'],
      pretty: [MEGABYTE, '\u0000'],
      noNullPoints: [MEGABYTE, ''],
    },
    explain: { target: [MEGABYTE, '(', 'scale(a)', "timeStack(a,'1s',0,999)"], from: ['-50y', '__proto__'] },
    find: {
      query: [
        MEGABYTE,
        '',
        '{a,b}'.repeat(10_000),
        '{'.repeat(60_000),
        '.'.repeat(60_000),
        '[',
        '*'.repeat(60_000),
      ],
      format: [MEGABYTE, 'pickle', 'toString', '__proto__'],
      position: ['1e9', '-1', 'x', '999999999', '-999999999', MEGABYTE],
      from: ['undefined', MEGABYTE],
      wildcards: [MEGABYTE, '-1'],
    },
    expand: {
      query: [
        MEGABYTE,
        '',
        '{a,b}'.repeat(10_000),
        Array.from({ length: 5_000 }, (_value, index) => `*${index}`),
        '__proto__',
      ],
      groupByExpr: [MEGABYTE, 'x'],
      leavesOnly: [MEGABYTE, 'x'],
    },
    index: { jsonp: [MEGABYTE, '</script>'], pretty: [MEGABYTE] },
    'export-series': {
      pattern: [MEGABYTE, '{'.repeat(60_000), '*'.repeat(60_000), '__proto__', '['],
    },
    'export-points': {
      key: [MEGABYTE, '', '__proto__', Array.from({ length: 1_001 }, () => 'a')],
      from_ms: ['-1', '1e9', MEGABYTE, '9'.repeat(16)],
      until_ms: ['0', 'now', MEGABYTE],
    },
    services: { limit: ['0', '-1', '1e9', 'NaN', '99999999999999', MEGABYTE] },
    metrics: { limit: ['0', '-1', '1e9', 'NaN', '999999999', '99999999999999', MEGABYTE] },
    'tagged-series': {
      expr: [MEGABYTE, '', '__proto__=x', `env=${MEGABYTE}`, 'env=~(a+)+$', Array<string>(5_000).fill('a=b')],
    },
    tags: { filter: [MEGABYTE, '(', '(a+)+$', '__proto__'], limit: ['0', '-1', '999999999', MEGABYTE] },
    tag: { tag: [MEGABYTE, '__proto__', '\u0000'], filter: ['(', MEGABYTE], limit: ['-1', MEGABYTE] },
    'tag-completion': { tagPrefix: [MEGABYTE, '__proto__'], expr: ['', MEGABYTE], limit: ['1e9'] },
    'value-completion': { valuePrefix: [MEGABYTE], tag: ['', MEGABYTE], expr: ['x'], limit: ['-1'] },
  }
  const usual: Record<QueryKind, Parameters> = {
    render: { target: 'servers.*', from: '-1h' },
    explain: { target: 'servers.*', from: '-1h' },
    find: { query: 'servers.*' },
    expand: { query: 'servers.*' },
    index: {},
    services: {},
    metrics: {},
    'export-series': {},
    'export-points': { key: ['servers.total'] },
    'tagged-series': { expr: 'env=prod' },
    tags: {},
    tag: { tag: 'env' },
    'tag-completion': {},
    'value-completion': { tag: 'env' },
  }
  const cases = Object.entries(kinds).flatMap(([kind, parameters]) =>
    Object.entries(parameters).flatMap(([name, values]) =>
      values.map(
        (value) =>
          [
            `${kind} ${name}=${String(value).slice(0, 20)} (${value.length})`,
            kind as QueryKind,
            name,
            value,
          ] as const,
      ),
    ),
  )

  test.each(cases)('%s', async (_name, kind, parameter, value) => {
    try {
      const { body } = await answer(kind, { ...usual[kind], [parameter]: value })
      expect(body.length).toBeLessThan(32 * 1024 * 1024)
    } catch (error) {
      if (!(error instanceof KymoError)) throw error
      expect([400, 422]).toContain(error.httpStatus)
      expect(error.message.length).toBeLessThan(1000)
    }
  })

  const refusals: [kind: QueryKind, parameters: Parameters, code: string, message: RegExp][] = [
    ['find', {}, 'request-invalid', /^Missing required parameter 'query'$/],
    ['find', { query: '' }, 'request-invalid', /^Missing required parameter 'query'$/],
    ['expand', {}, 'request-invalid', /^Missing required parameter 'query'$/],
    ['find', { query: '*', format: 'png' }, 'format-unknown', /`format`: "png"/],
    ['find', { query: '*', from: '5mi' }, 'time-invalid', /`from`: "5mi"/],
    ['find', { query: '*', now: 'x' }, 'time-invalid', /`now`/],
    ['tagged-series', {}, 'request-invalid', /^Missing required parameter 'expr'$/],
    ['tag', { tag: ' ' }, 'request-invalid', /^Missing required parameter 'tag'$/],
    ['value-completion', {}, 'request-invalid', /^Missing required parameter 'tag'$/],
    ['tags', { limit: 'x' }, 'request-invalid', /`limit`/],
    ['find', { query: '*', position: 'x' }, 'request-invalid', /`position`/],
    ['render', { format: 'pdf' }, 'request-invalid', /`format`: there is no pdf/],
    [
      'render',
      { width: '20000', height: '20000' },
      'request-invalid',
      /20000 x 20000 .* limit is 4096 x 4096/,
    ],
    ['render', { format: 'svg', bgcolor: '"><script>' }, 'request-invalid', /`bgcolor`.* is no colour/],
    ['render', { target: 'a..b' }, 'target-invalid', /at position 3 of "a\.\.b"/],
    ['render', { target: 'scele(a,2)' }, 'function-unknown', /"scele" at position 1 .*"scale"/],
    ['render', { target: 'scale(a)' }, 'argument-invalid', /`factor` is missing/],
    ['render', { target: 'servers.*', from: '-50y' }, 'too-many-points', /the limit is 5000000/],
    ['metrics', { limit: '0' }, 'request-invalid', /`limit`/],
  ]
  test.each(refusals)('%s %j is %s', async (kind, parameters, code, message) => {
    await expect(answer(kind, parameters)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    })
  })
})
