// Every other test of a whole process once more, with datagrams received one at a time, as they are where there is no recvmmsg.
import { describe } from 'vitest'

process.env['KYMO_TEST_RECEIVER'] = 'dgram'

describe('admin', async () => void (await import('./admin.test.ts')))
describe('graphite-readings', async () => void (await import('./graphite-readings.test.ts')))
describe('input-faults', async () => void (await import('../input-faults.test.ts')))
describe('over-limit', async () => void (await import('./over-limit.test.ts')))
describe('reload', async () => void (await import('./reload.test.ts')))
describe('statsd-settings', async () => void (await import('./statsd-settings.test.ts')))
describe('saved-interval', async () => void (await import('./saved-interval.test.ts')))
describe('start-errors', async () => void (await import('./start-errors.test.ts')))
describe('stop-and-start', async () => void (await import('../stop-and-start.test.ts')))
describe('thread-death', async () => void (await import('../thread-death.test.ts')))
describe('crash', async () => void (await import('./crash.test.ts')))
