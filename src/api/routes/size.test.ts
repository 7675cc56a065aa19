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

function get(url: string) {
  return app.inject({ method: 'GET', url, headers: { host: 'kymo.test' } })
}

test('it is told how much is below a prefix', async () => {
  expect((await get('/api/size?prefix=a.')).json()).toEqual({
    prefix: 'a',
    series: 2,
    points: 30,
    slots: 4,
    bytes: 60,
    children: [
      {
        path: 'a.b',
        isLeaf: true,
        isBranch: true,
        series: 2,
        points: 30,
        slots: 4,
        bytes: 60,
        firstSeenMs: 1_000,
        lastSeenMs: 2_000,
        lastQueriedMs: null,
        lastQueriedFor: null,
      },
    ],
    others: { series: 0, points: 0, slots: 0, bytes: 0 },
  })
})

test.each([
  ['', { prefix: '', limit: 1_000, order: 'bytes' }],
  ['?limit=999999999&order=series', { prefix: '', limit: 10_000, order: 'series' }],
  ['?prefix=a.b;env%3Dx.&limit=-1', { prefix: 'a.b;env=x.', limit: 0, order: 'bytes' }],
])('%s asks for %j', async (query, question) => {
  expect((await get(`/api/size${query}`)).statusCode).toBe(200)
  expect(services.sizeQuestions).toEqual([question])
})

test.each(['limit=x', 'order=name', `prefix=${'x'.repeat(65_537)}`])('%.20s is refused', async (query) => {
  expect((await get(`/api/size?${query}`)).json()).toMatchObject({ code: 'request-invalid' })
})
