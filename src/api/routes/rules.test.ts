import { afterEach, beforeEach, expect, test } from 'vitest'
import { FakeClock } from '../../lib/fake-clock.ts'
import { silentLog } from '../../telemetry/log.ts'
import { buildApp } from '../app.ts'
import { createHostRules } from '../host-rules.ts'
import { createLiveFeed } from '../live-feed.ts'
import { loadStaticSite } from '../static-site.ts'
import { FakeServices } from '../testdata/fake-services.ts'
import { ROUTES } from './index.ts'

let services: FakeServices
let app: Awaited<ReturnType<typeof buildApp>>

beforeEach(async () => {
  services = new FakeServices()
  const clock = new FakeClock()
  app = await buildApp({
    routes: ROUTES,
    context: { services, live: createLiveFeed({ services, clock, log: silentLog }), clock },
    site: await loadStaticSite(),
    hostRules: createHostRules({ hosts: ['127.0.0.1'], allowedHosts: ['kymo.test'], machineName: 'web1' }),
    version: '0.1.0',
    log: silentLog,
  })
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
