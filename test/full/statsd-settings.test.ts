import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { cleanUp, KymoProcess, temporaryDirectory } from '../harness/kymo.ts'

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

test('lines that are known by sight mean what a reload says from then on', async () => {
  const config = join(temporaryDirectory(), 'kymo.yaml')
  writeFileSync(config, '')
  const kymo = await KymoProcess.start({ args: [config], flushInterval: '1d' })
  let sent = 0
  const send = async (...lines: string[]) => {
    for (const way of ['udp', 'tcp'] as const) {
      await kymo[way](lines.map((line) => `${way}_${line}\n`).join(''))
      sent += lines.length
      await kymo.received(sent)
    }
  }
  const expectHeld = async (type: string, wanted: readonly string[]) => {
    const held = await kymo.tcp(`${type}\nquit\n`, 'admin')
    const written = wanted.map((text) => [text.replaceAll('WAY', 'udp'), text.replaceAll('WAY', 'tcp')])
    for (const text of written.flat()) expect(held).toContain(text)
  }
  const lines = ['größe:1|c', 'tagged;k=v:1|c', 'sharp:1|c|#k:v', 'rated:1|c|@0.5']

  await send('level:5|g', ...lines)
  for (let time = 0; time < 3; time++) await send('level:+3|g', ...lines)
  await expectHeld('gauges', ['WAY_level: 14'])
  await expectHeld('counters', ['WAY_gre: 4', "'WAY_tagged;k=v': 4", "'WAY_sharp;k=v': 4", 'WAY_rated: 8'])

  await kymo.flush()
  writeFileSync(
    config,
    'statsd: {gauge_sign: absolute, names: utf8, tag_forms: [dogstatsd], unix_max_frame: 1KiB}\n',
  )
  const response = await fetch(kymo.url('/api/reload'), { method: 'POST' })
  expect(await response.json()).toMatchObject({
    changed: ['statsd.gauge_sign', 'statsd.names', 'statsd.tag_forms'],
    needs_restart: ['statsd.unix_max_frame'],
  })
  await send('level:+3|g', ...lines)
  await send('level:+4|g', ...lines)
  await expectHeld('gauges', ['WAY_level: 4'])
  // The first two are from before, and nothing went to them.
  await expectHeld('counters', [
    'WAY_gre: 0',
    "'WAY_tagged;k=v': 0",
    "'WAY_größe': 2",
    "'WAY_tagged_k=v': 2",
    "'WAY_sharp;k=v': 2",
    'WAY_rated: 4',
  ])
})

function frame(payload: string): Buffer {
  const header = Buffer.alloc(4)
  header.writeUInt32LE(Buffer.byteLength(payload))
  return Buffer.concat([header, Buffer.from(payload)])
}
