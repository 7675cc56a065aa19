import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { silentLog } from '../telemetry/log.ts'
import { probeUdpPort } from './probe-udp-port.ts'

const options = { hosts: ['127.0.0.1', '::1'], name: 'statsd-udp', portFlag: '--statsd-port', log: silentLog }

test('port 0 becomes a port that is free on every host, and is free again afterwards', async () => {
  const port = await probeUdpPort({ ...options, port: 0 })
  expect(port).toBeGreaterThan(0)
  expect(await probeUdpPort({ ...options, port })).toBe(port)
})

test('a port that another socket would share is refused', async () => {
  const other = createSocket({ type: 'udp4', reusePort: true })
  other.bind(0, '127.0.0.1')
  await once(other, 'listening')
  await expect(probeUdpPort({ ...options, port: other.address().port })).rejects.toMatchObject({
    code: 'address-in-use',
    details: { flag: '--statsd-port' },
  })
  other.close()
})
