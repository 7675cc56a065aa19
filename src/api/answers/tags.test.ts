import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../lib/fake-clock.ts'
import { FakeStoreAccess } from '../../query/testdata/fake-store-access.ts'
import { DEFAULT_QUERY_LIMITS } from '../../query/query-limits.ts'
import { findTimeZone } from '../../query/time-zone.ts'
import type { StoreAccess } from '../../store/access.ts'
import { openMemoryStore } from '../../store/index.ts'
import { KymoError } from '../../telemetry/errors.ts'
import type { QueryKind } from '../services.ts'
import { answerQuery } from './index.ts'

const KEYS = [
  'disk.used;host=web1;rack=a1',
  'disk.used;host=web2;rack=a2',
  'disk.free;host=web1;rack=a1',
  'load;host=db1',
  'untagged.path',
]

type Parameters = Record<string, string | string[]>

function openAccess(): StoreAccess {
  const { catalog } = openMemoryStore()
  for (const key of KEYS) {
    catalog.touch({ key, metricKey: key, metricType: 'untyped', statistic: 'value', rollup: 'mean' }, 1_000)
  }
  const { reader } = new FakeStoreAccess([])
  return {
    reader,
    findNodes: async (pattern, limit) => catalog.findNodes(pattern, limit),
    findSeries: async (pattern, limit) => catalog.findSeries(pattern, limit),
    findSeriesByTags: async (expressions, limit) => catalog.findSeriesByTags(expressions, limit),
    tags: async (question) => catalog.tags(question),
    tagValues: async (tag, question) => catalog.tagValues(tag, question),
    metrics: async (limit) => catalog.metrics(limit),
  }
}

async function ask(kind: QueryKind, parameters: Parameters): Promise<string> {
  const defaultTimeZone = findTimeZone('UTC')
  if (defaultTimeZone === undefined) throw new Error('no UTC')
  const answer = await answerQuery(
    {
      kind,
      parameters: Object.fromEntries(
        Object.entries(parameters).map(([name, value]) => [name, [value].flat()]),
      ),
    },
    {
      access: openAccess(),
      clock: new FakeClock(1_700_000_000_000),
      stepSeconds: 10,
      defaultTimeZone,
      limits: { ...DEFAULT_QUERY_LIMITS, maxNames: 4 },
    },
    new AbortController().signal,
  )
  return new TextDecoder().decode(answer.body)
}

const cases: [kind: QueryKind, parameters: Parameters, wanted: unknown][] = [
  ['tag-list', {}, [{ tag: 'host' }, { tag: 'name' }, { tag: 'rack' }]],
  ['tag-list', { filter: 'r' }, [{ tag: 'rack' }]],
  ['tag-list', { filter: '.*t$' }, [{ tag: 'host' }]],
  ['tag-list', { limit: '1' }, [{ tag: 'host' }]],
  [
    'tag-details',
    { tag: 'host' },
    {
      tag: 'host',
      values: [
        { count: 1, value: 'db1' },
        { count: 2, value: 'web1' },
        { count: 1, value: 'web2' },
      ],
    },
  ],
  ['tag-details', { tag: 'host', filter: 'd' }, { tag: 'host', values: [{ count: 1, value: 'db1' }] }],
  ['tag-details', { tag: '__proto__' }, { tag: '__proto__', values: [] }],
  ['tag-series', { expr: ['host=web1'] }, [KEYS[2], KEYS[0]]],
  ['tag-series', { expr: ['host=web1', 'name!=disk.free'] }, [KEYS[0]]],
  ['tag-series', { 'expr[]': ['name=~disk', 'rack=~a[1]'] }, [KEYS[2], KEYS[0]]],
  ['tag-series', { expr: ['host=nothing'] }, []],
  ['tag-names', {}, ['host', 'name', 'rack']],
  ['tag-names', { expr: ['host=web1'] }, ['name', 'rack']],
  ['tag-names', { expr: ['host=db1'] }, ['name']],
  ['tag-names', { tagPrefix: 'ra', limit: '5000', from: 'undefined' }, ['rack']],
  ['tag-names', { limit: '2' }, ['host', 'name']],
  ['tag-names', { limit: '0' }, []],
  ['tag-names', { limit: 'undefined', tagPrefix: 'undefined' }, ['host', 'name', 'rack']],
  ['tag-values', { tag: 'host' }, ['db1', 'web1', 'web2']],
  ['tag-values', { tag: 'host', expr: ['rack=a2'], valuePrefix: 'w' }, ['web2']],
  ['tag-values', { tag: 'name', limit: '1000000' }, ['disk.free', 'disk.used', 'load', 'untagged.path']],
]
test.each(cases)('%s %j', async (kind, parameters, wanted) => {
  expect(JSON.parse(await ask(kind, parameters))).toEqual(wanted)
})

describe('refused', () => {
  const refusals: [kind: QueryKind, parameters: Parameters, code: string, message: RegExp][] = [
    ['tag-series', {}, 'request-invalid', /`expr`: no tag expressions/],
    ['tag-series', { expr: [' '] }, 'request-invalid', /`expr`/],
    ['tag-series', { expr: ['host!=web1'] }, 'request-invalid', /needs? a value/],
    ['tag-series', { expr: ['host'] }, 'request-invalid', /is no tag expression/],
    ['tag-series', { expr: ['host=~('] }, 'regex-invalid', /\(/],
    ['tag-series', { expr: ['name=~.'] }, 'too-many-results', /4/],
    ['tag-values', {}, 'request-invalid', /`tag`: no tag/],
    ['tag-values', { tag: 'host', limit: 'x' }, 'request-invalid', /`limit`/],
    ['tag-list', { filter: '(' }, 'regex-invalid', /\(/],
    ['tag-list', { jsonp: '</script>' }, 'request-invalid', /jsonp/],
  ]
  test.each(refusals)('%s %j is %s', async (kind, parameters, code, message) => {
    await expect(ask(kind, parameters)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    })
  })
})

const MEGABYTE = 'a'.repeat(1_000_000)
const hostile: [kind: QueryKind, parameter: string, values: readonly (string | string[])[]][] = [
  ['tag-list', 'filter', [MEGABYTE, '(a+)+$', '[']],
  ['tag-list', 'limit', ['-1', 'x', '999999999', MEGABYTE]],
  ['tag-details', 'tag', [MEGABYTE, '__proto__', '\u0000']],
  [
    'tag-series',
    'expr',
    [MEGABYTE, 'a=~(a+)+$', 'a=~(', `a=${MEGABYTE}`, Array.from({ length: 5_000 }, () => 'a=b')],
  ],
  ['tag-names', 'tagPrefix', [MEGABYTE]],
  ['tag-values', 'valuePrefix', [MEGABYTE, '\u0000']],
]
test.each(
  hostile.flatMap(([kind, name, values]) =>
    values.map((value) => [kind, name, value.slice(0, 20), value] as const),
  ),
)('%s %s %s is answered within bounds, or refused', async (kind, name, _shown, value) => {
  const usual: Parameters = kind === 'tag-series' ? {} : { tag: 'host' }
  try {
    expect((await ask(kind, { ...usual, [name]: value })).length).toBeLessThan(2_000_000)
  } catch (error) {
    if (!(error instanceof KymoError)) throw error
    expect([400, 422]).toContain(error.httpStatus)
    expect(error.message.length).toBeLessThan(1_000)
  }
})

test('answers may be wrapped and indented', async () => {
  expect(await ask('tag-names', { limit: '1', jsonp: 'f', pretty: '1' })).toBe('f([\n  "host"\n])')
})
