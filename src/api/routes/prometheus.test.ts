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

test.each([
  [undefined, 'text', 'text/plain; version=0.0.4; charset=utf-8'],
  [
    'application/openmetrics-text;version=1.0.0',
    'openmetrics',
    'application/openmetrics-text; version=1.0.0; charset=utf-8',
  ],
])('Accept: %s gets %s', async (accept, format, contentType) => {
  const headers = { host: 'kymo.test', ...(accept === undefined ? {} : { accept }) }
  const answer = await app.inject({ method: 'GET', url: '/prometheus?sink=second', headers })
  expect([answer.statusCode, answer.body, answer.headers['content-type'], answer.headers.vary]).toEqual([
    200,
    'up 1\n',
    contentType,
    'accept',
  ])
  expect(services.exposed).toEqual([{ sink: 'second', format }])
})
