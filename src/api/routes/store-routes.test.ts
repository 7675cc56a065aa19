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

async function post(url: string, payload: unknown) {
  const response = await app.inject({
    method: 'POST',
    url,
    headers: { host: 'kymo.test', 'content-type': 'application/json' },
    payload: JSON.stringify(payload),
  })
  return { status: response.statusCode, body: JSON.parse(response.body) as unknown }
}

test('what would be deleted is told, unless it is to be deleted', async () => {
  expect(await post('/api/delete', { patterns: ['a.*'] })).toEqual({
    status: 200,
    body: { series: 2, names: ['a.b', 'a.c'], deleted: 0 },
  })
  await post('/api/delete', { expressions: ['name=a'], from: 10, until: 20.5, dry_run: false })
  const ever = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY }
  expect(services.deletions).toEqual([
    { patterns: ['a.*'], expressions: [], range: ever, isDryRun: true },
    { patterns: [], expressions: ['name=a'], range: { startMs: 10_000, endMs: 20_500 }, isDryRun: false },
  ])
})

test.each([
  ['nothing', {}],
  ['no series', { patterns: [] }],
  ['a range that is none', { patterns: ['a'], from: 5, until: 5 }],
  ['an unknown word', { patterns: ['a'], dryRun: false }],
  ['a text for a list', { patterns: 'a' }],
  ['a list for all', []],
])('%s is refused', async (_, body) => {
  expect(await post('/api/delete', body)).toMatchObject({ status: 400, body: { code: 'request-invalid' } })
  expect(services.deletions).toEqual([])
})

test('a backup is asked for by its whole path', async () => {
  expect(await post('/api/backup', { path: '/backups/monday' })).toEqual({
    status: 200,
    body: { path: '/backups/monday', files: 3, bytes: 4_096, linked: true },
  })
  for (const path of ['monday', '', '/a\0b', 7])
    expect(await post('/api/backup', { path })).toMatchObject({ status: 400 })
})
