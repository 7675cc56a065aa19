import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { cleanUp, KymoProcess, temporaryDirectory } from './harness/kymo.ts'

afterAll(cleanUp)

test('what is set apart from the profile holds on every way in', async () => {
  const directory = temporaryDirectory()
  const config = join(directory, 'kymo.yaml')
  const stream = join(directory, 'stream.sock')
  writeFileSync(
    config,
    [
      'statsd:',
      '  gauge_sign: absolute',
      '  names: utf8',
      '  tag_forms: [influx]',
      `  unix_stream: ${stream}`,
      '  unix_max_frame: 1KiB',
      '',
    ].join('\n'),
  )
  const kymo = await KymoProcess.start({ args: [config], flushInterval: '1d' })

  await kymo.udp('udp größe,k=v:5|g\nudp größe,k=v:-3|g|#no:tag')
  await kymo.tcp('tcp größe,k=v:5|g\ntcp größe,k=v:-3|g|#no:tag\n')
  const client = connect(stream)
  client.end(frame('unix größe,k=v:5|g\nunix größe,k=v:-3|g|#no:tag'))
  await once(client, 'close')
  await kymo.received(6)
  const gauges = await kymo.tcp('gauges\nquit\n', 'admin')
  for (const way of ['udp', 'tcp', 'unix']) expect(gauges).toContain(`'${way}_größe;k=v': -3`)

  const tooLong = connect(stream)
  tooLong.write(frame(`a:1|c\n${'b:1|c\n'.repeat(200)}`))
  // Kymo ends the connection, and a rest that it has not read makes that a reset.
  await new Promise((resolve) =>
    tooLong
      .on('error', () => undefined)
      .once('close', resolve)
      .resume(),
  )
  await kymo.received(7)
  const { lines } = await kymo.json<{ lines: { rejectedByReason: Record<string, number> } }>('/api/status')
  expect(lines.rejectedByReason).toEqual({ too_long: 1 })
})

function frame(payload: string): Buffer {
  const header = Buffer.alloc(4)
  header.writeUInt32LE(Buffer.byteLength(payload))
  return Buffer.concat([header, Buffer.from(payload)])
}
