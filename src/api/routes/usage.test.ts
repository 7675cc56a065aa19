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

function get(url: string, headers: Record<string, string> = {}) {
  return app.inject({ method: 'GET', url, headers: { host: 'kymo.test', ...headers } })
}

test('it is told who read a series', async () => {
  expect((await get('/api/usage?dashboard=12&limit=5')).json()).toEqual({
    series: [
      { key: 'a', uses: [{ dashboard: '12', panel: null, count: 2, lastMs: 5 }] },
      { key: 'b', uses: [{ dashboard: null, panel: null, count: 1, lastMs: 4 }] },
    ],
  })
  await get('/api/usage')
  await get('/api/usage?limit=999999999')
  expect(services.usageQuestions).toEqual([
    { dashboard: '12', limit: 5 },
    { dashboard: undefined, limit: 1_000 },
    { dashboard: undefined, limit: 100_000 },
  ])
  expect((await get('/api/usage?limit=x')).statusCode).toBe(400)
})

test.each<[headers: Record<string, string>, origin: unknown]>([
  [{}, undefined],
  [
    { 'x-dashboard-id': '12', 'x-panel-id': '3' },
    { dashboard: '12', panel: '3' },
  ],
  [{ 'x-dashboard-id': '12' }, { dashboard: '12', panel: null }],
  [
    { 'x-dashboard-uid': 'Ab-c_1', 'x-dashboard-id': '12' },
    { dashboard: 'Ab-c_1', panel: null },
  ],
  [{ 'x-panel-id': '3' }, undefined],
  [{ 'x-dashboard-id': '<script>' }, undefined],
  [{ 'x-dashboard-id': 'x'.repeat(65) }, undefined],
  [
    { 'x-dashboard-id': '12', 'x-panel-id': 'a b' },
    { dashboard: '12', panel: null },
  ],
])('a render with %j is asked for %j', async (headers, origin) => {
  await get('/render?target=a', headers)
  expect(services.queries[0]?.origin).toEqual(origin)
})
