// What is received, once more one datagram at a time, as it is where there is no recvmmsg. The rest is in test/full.
import { describe } from 'vitest'

process.env['KYMO_TEST_RECEIVER'] = 'dgram'

describe('first-light', async () => void (await import('./first-light.test.ts')))
