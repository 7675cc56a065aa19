import { afterEach, beforeEach, expect, test } from 'vitest'
import { FakeServices } from '../testdata/fake-services.ts'
import { buildTestApp, type TestApp } from '../testdata/test-app.ts'

let services: FakeServices
let app: TestApp

beforeEach(async () => {
  services = new FakeServices()
  app = await buildTestApp(services)
})

afterEach(() => app.close())

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

async function ask(
  method: 'GET' | 'POST',
  url: string,
  payload?: string,
  headers: Record<string, string> = FORM,
) {
  const response = await app.inject({
    method,
    url,
    headers: { host: 'kymo.test', ...(payload === undefined ? {} : headers) },
    ...(payload === undefined ? {} : { payload }),
  })
  return { status: response.statusCode, body: JSON.parse(response.body) as unknown }
}

test.each([
  ['path=disk.used;rack=a1;host=web1', 'disk.used;host=web1;rack=a1'],
  ['path=untagged', 'untagged'],
  ['path=a%3Bb%3Dc%3Bb%3Dd', 'a;b=d'],
])('tagSeries with %s answers the key', async (form, key) => {
  expect(await ask('POST', '/tags/tagSeries', form)).toEqual({ status: 200, body: key })
})

test('tagMultiSeries answers the keys, in order', async () => {
  expect(await ask('POST', '/tags/tagMultiSeries', 'path=b;x=1;a=2&path=a&path[]=c;d=e')).toEqual({
    status: 200,
    body: ['b;a=2;x=1', 'a', 'c;d=e'],
  })
})

test('delSeries deletes series by their whole keys', async () => {
  expect(await ask('POST', '/tags/delSeries', 'path=b;x=1;a=2&path=c;d=*')).toEqual({
    status: 200,
    body: true,
  })
  expect(services.deletions).toEqual([
    {
      patterns: ['b;a=2;x=1', 'c;d=*'],
      expressions: [],
      range: { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY },
      isDryRun: false,
    },
  ])
})

test.each([
  ['POST', '/tags/tagSeries', '', 400],
  ['POST', '/tags/tagSeries', 'path=', 400],
  ['POST', '/tags/tagSeries', 'path=;a=b', 400],
  ['POST', '/tags/tagMultiSeries', 'path=a&path=;a=b', 400],
  ['POST', '/tags/delSeries', 'path=', 400],
  ['POST', '/tags/delSeries', 'path=a;b=c&path=*', 400],
  ['GET', '/tags/tagSeries?path=a', undefined, 405],
  ['GET', '/tags/tagMultiSeries?path=a', undefined, 405],
  ['GET', '/tags/delSeries?path=a;b=c', undefined, 405],
  ['POST', '/tags', 'filter=a', 405],
  ['POST', '/tags/host', 'filter=a', 405],
] as const)('%s %s %s is %i', async (method, url, form, status) => {
  expect((await ask(method, url, form)).status).toBe(status)
  expect(services.deletions).toEqual([])
})

test('a page may not delete by a form', async () => {
  const headers = { ...FORM, origin: 'http://kymo.test' }
  expect(await ask('POST', '/tags/delSeries', 'path=a;b=c', headers)).toMatchObject({ status: 415 })
  expect(
    await ask('POST', '/tags/delSeries', 'path=a;b=c', { ...FORM, origin: 'http://other.test' }),
  ).toMatchObject({ status: 403 })
  expect(services.deletions).toEqual([])
})

test.each([
  ['GET', '/tags?filter=a&limit=2', undefined, 'tags', { filter: ['a'], limit: ['2'] }],
  ['GET', '/tags/host%2Fname', undefined, 'tag', { tag: ['host/name'] }],
  ['GET', '/tags/findSeries?expr=a%3Db&expr=c%3Dd', undefined, 'tagged-series', { expr: ['a=b', 'c=d'] }],
  ['POST', '/tags/findSeries', 'expr=a%3Db', 'tagged-series', { expr: ['a=b'] }],
  ['GET', '/tags/autoComplete/tags', undefined, 'tag-completion', {}],
  ['POST', '/tags/autoComplete/tags?limit=5', 'expr=a=b', 'tag-completion', { expr: ['a=b'], limit: ['5'] }],
  ['GET', '/tags/autoComplete/values?tag=host', undefined, 'value-completion', { tag: ['host'] }],
  ['POST', '/tags/autoComplete/values', 'tag=host', 'value-completion', { tag: ['host'] }],
] as const)('%s %s is asked of a query thread', async (method, url, form, kind, parameters) => {
  expect((await ask(method, url, form)).status).toBe(200)
  expect(services.queries).toEqual([{ kind, parameters }])
})
