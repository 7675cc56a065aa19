import { FakeClock } from '../../lib/fake-clock.ts'
import { silentLog } from '../../telemetry/log.ts'
import { buildApp } from '../app.ts'
import { createHostRules } from '../host-rules.ts'
import { createLiveFeed } from '../live-feed.ts'
import { ROUTES } from '../routes/index.ts'
import { loadStaticSite } from '../static-site.ts'
import type { FakeServices } from './fake-services.ts'

/** What `buildApp` makes. */
export type TestApp = Awaited<ReturnType<typeof buildApp>>

/** The whole application, as requests to `kymo.test` reach it. */
export async function buildTestApp(services: FakeServices): Promise<TestApp> {
  const clock = new FakeClock()
  return await buildApp({
    routes: ROUTES,
    context: { services, live: createLiveFeed({ services, clock, log: silentLog }), clock },
    site: await loadStaticSite(),
    hostRules: createHostRules({ hosts: ['127.0.0.1'], allowedHosts: ['kymo.test'], machineName: 'web1' }),
    version: '0.1.0',
    log: silentLog,
  })
}
