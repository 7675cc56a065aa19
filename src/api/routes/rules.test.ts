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

async function post(payload: unknown) {
  const headers = { host: 'kymo.test', 'content-type': 'application/json' }
  const response = await app.inject({
    method: 'POST',
    url: '/api/rules',
    headers,
    payload: JSON.stringify(payload),
  })
  return { status: response.statusCode, body: JSON.parse(response.body) as Record<string, unknown> }
}

const FILE = { path: 'a.conf', text: '[x]' }
const LEVEL = { stepSeconds: 10, retentionSeconds: 86_400 }

test.each([
  [{}, {}],
  [{ schemas: FILE }, { schemas: FILE }],
  [
    { schemas: null, aggregations: FILE, retentions: [LEVEL] },
    { schemas: undefined, aggregations: FILE, defaultRetentions: [LEVEL] },
  ],
])('%j asks for %j', async (body, after) => {
  expect(await post(body)).toMatchObject({ status: 200, body: { series: 3, changed: 0 } })
  expect(services.rulesQuestions).toStrictEqual([{ after }])
})

test.each([
  { schemas: 'text' },
  { schemas: { path: 'a' } },
  { retentions: [] },
  { retentions: [{ stepSeconds: 0, retentionSeconds: 1 }] },
  { retentions: [{ stepSeconds: 1.5, retentionSeconds: 1 }] },
  { other: 1 },
])('%j is refused', async (body) => {
  expect(await post(body)).toMatchObject({ status: 400, body: { code: 'request-invalid' } })
})
