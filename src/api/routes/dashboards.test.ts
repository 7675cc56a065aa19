import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDashboardStore } from '../../dashboards/dashboard-files.ts'
import { FakeServices } from '../testdata/fake-services.ts'
import { buildTestApp, type TestApp } from '../testdata/test-app.ts'

let directory: string
let app: TestApp

beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'kymo-dashboards-'))
  const services = new FakeServices()
  services.dashboards = openDashboardStore(directory)
  app = await buildTestApp(services)
})
afterEach(async () => {
  await app.close()
  rmSync(directory, { recursive: true, force: true })
})

async function ask(url: string, payload?: unknown, more: Record<string, string> = {}) {
  const headers = { host: 'kymo.test', 'content-type': 'application/json', ...more }
  const response =
    payload === undefined
      ? await app.inject({ method: 'GET', url, headers: { host: 'kymo.test' } })
      : await app.inject({ method: 'POST', url, headers, payload: JSON.stringify(payload) })
  return { status: response.statusCode, body: JSON.parse(response.body) as Record<string, unknown> }
}

test('a dashboard is saved, found, changed and deleted', async () => {
  const dashboard = { version: 1, title: '</script><b>', panels: [] }
  const saved = await ask('/api/dashboards/shop', { dashboard, revision: null })
  expect(saved).toMatchObject({ status: 200, body: { id: 'shop', dashboard: { title: '</script><b>' } } })
  const { revision } = saved.body
  expect(await ask('/api/dashboards')).toMatchObject({
    body: { dashboards: [{ id: 'shop', revision }], damaged: [] },
  })
  expect(await ask('/api/dashboards/shop')).toEqual(saved)
  expect(await ask('/api/dashboards/shop', { dashboard, revision: 'other' })).toMatchObject({
    status: 409,
    body: { code: 'dashboard-changed' },
  })
  expect(await ask('/api/dashboards/shop/delete', { revision })).toMatchObject({ status: 200 })
  expect(await ask('/api/dashboards/shop')).toMatchObject({
    status: 404,
    body: { code: 'dashboard-unknown' },
  })
})

test('an import answers a dashboard and what was not taken, and saves nothing', async () => {
  const document = { title: 'A', panels: [{ title: 'p', type: 'text' }] }
  expect(await ask('/api/dashboard-import', { document })).toMatchObject({
    status: 200,
    body: { kind: 'grafana', id: 'a', notTaken: [{ where: 'panel "p"' }] },
  })
  expect(await ask('/api/dashboards')).toMatchObject({ body: { dashboards: [] } })
})

test.each([
  ['/api/dashboards/shop', { dashboard: {}, revision: null }, 'dashboard-invalid'],
  [
    '/api/dashboards/shop',
    { dashboard: { version: 1, title: 'a', extra: 1 }, revision: null },
    'dashboard-invalid',
  ],
  ['/api/dashboards/shop', { dashboard: { version: 1, title: 'a' } }, 'request-invalid'],
  [
    '/api/dashboards/..%2Fshop',
    { dashboard: { version: 1, title: 'a' }, revision: null },
    'dashboard-id-invalid',
  ],
  [
    '/api/dashboards/a%00b',
    { dashboard: { version: 1, title: 'a' }, revision: null },
    'dashboard-id-invalid',
  ],
  ['/api/dashboards/shop/delete', {}, 'request-invalid'],
  ['/api/dashboard-import', { document: { a: 1 } }, 'dashboard-invalid'],
  ['/api/dashboard-import', {}, 'request-invalid'],
])('%s with %j is refused', async (url, payload, code) => {
  expect(await ask(url, payload)).toMatchObject({ status: 400, body: { code } })
})

test('a page of another server changes nothing', async () => {
  const payload = { dashboard: { version: 1, title: 'a' }, revision: null }
  expect(await ask('/api/dashboards/shop', payload, { origin: 'http://evil.test' })).toMatchObject({
    status: 403,
    body: { code: 'origin-refused' },
  })
  expect(await ask('/api/dashboards')).toMatchObject({ body: { dashboards: [] } })
})
