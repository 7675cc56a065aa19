import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, lstatSync, unlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'
import { buildHotShots, missingForUnixDatagrams } from '../harness/unix-dgram.ts'

// hot-shots, as it is published, sends to both Unix sockets of a real Kymo. It runs in a process of its own.
const missing = missingForUnixDatagrams()
const directory = temporaryDirectory()
const datagramPath = join(directory, 'd.sock')
const streamPath = join(directory, 's.sock')
const linesPath = join(directory, 'l.sock')

/** What hot-shots is told to do: the loop of every tutorial, many counts, an event and a service check. */
const SEND = `
  const { Transform } = require('node:stream')
  const { connect } = require('node:net')
  const { StatsD } = require('hot-shots')
  const [transport, path, prefix] = process.argv.slice(1)

  // Datadog's framing, which hot-shots leaves to the stream it is handed.
  function createFrames() {
    const frames = new Transform({
      transform(payload, _encoding, done) {
        const header = Buffer.alloc(4)
        header.writeUInt32LE(payload.length)
        done(null, Buffer.concat([header, payload]))
      },
    })
    const socket = connect(path)
    frames.pipe(socket)
    // hot-shots destroys the stream at its end, and a pipe does not pass that on.
    frames.on('close', () => socket.end())
    return frames
  }

  const client = new StatsD({
    prefix: prefix + '.',
    errorHandler(error) { console.error(error); process.exitCode = 1 },
    ...(transport === 'datagram' ? { protocol: 'uds', path } : {}),
    ...(transport === 'stream' ? { protocol: 'stream', stream: createFrames(), maxBufferSize: 1_432 } : {}),
    ...(transport === 'lines' ? { protocol: 'stream', stream: connect(path) } : {}),
  })
  for (let i = 0; i < 5; i++) {
    client.increment('counter', i)
    client.gauge('gauge', i)
    client.timing('timer', i, { env: 'prod' })
  }
  for (let i = 0; i < 2_000; i++) client.increment('many')
  client.event('deployed', 'version 2')
  client.check('database', client.CHECKS.OK)
  setTimeout(() => client.close(() => undefined), 1_500)
`

let kymo: KymoProcess

beforeAll(async () => {
  if (missing === undefined) buildHotShots(directory)
  writeFileSync(
    join(directory, 'kymo.yaml'),
    `statsd:\n  unix_datagram: ${datagramPath}\n  unix_stream: ${streamPath}\n  unix_mode: '0700'\n`,
  )
  kymo = await KymoProcess.start({ flushInterval: '10s', args: [join(directory, 'kymo.yaml')] })
})
afterAll(cleanUp)

async function runHotShots(transport: string, path: string, prefix: string): Promise<void> {
  const child = spawn(process.execPath, ['-e', SEND, transport, path, prefix], { cwd: directory })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const [code] = (await once(child, 'exit')) as [number | null]
  expect(said).toBe('')
  expect(code).toBe(0)
}

async function expectAll(server: KymoProcess, prefix: string): Promise<void> {
  await server.flush()
  // A run may fall into two intervals.
  const sum = async (target: string) =>
    (await server.values(target)).reduce((total, value) => total + value, 0)
  expect(await sum(`stats.counters.${prefix}.counter.count`)).toBe(10)
  expect(await sum(`stats.counters.${prefix}.many.count`)).toBe(2_000)
  expect(await sum(`stats.timers.${prefix}.timer.sum;env=prod`)).toBe(10)
  expect((await server.values(`stats.gauges.${prefix}.gauge`)).at(-1)).toBe(4)
  const { lines } = await server.json<{ lines: Lines }>('/api/status')
  expect(lines.rejected).toBe(0)
  expect(lines.received).toBe(lines.accepted)
}

interface Lines {
  readonly received: number
  readonly accepted: number
  readonly rejected: number
}

const SENT_LINES = 5 * 3 + 2_000 + 2

test('both sockets are there, with the mode that was set, and are announced', async () => {
  for (const path of [datagramPath, streamPath]) {
    expect(lstatSync(path).isSocket()).toBe(true)
    expect(lstatSync(path).mode & 0o777).toBe(0o700)
  }
  const { addresses } = await kymo.json<{ addresses: Record<string, string[]> }>('/api/status')
  expect(addresses['statsd']).toEqual(
    expect.arrayContaining([`unixgram://${datagramPath}`, `unix://${streamPath}`]),
  )
})

describe('hot-shots', () => {
  test.skipIf(missing !== undefined)(
    `over datagrams${missing === undefined ? '' : ` (skipped: no ${missing})`}: every line counts`,
    async () => {
      const { lines } = await kymo.json<{ lines: Lines }>('/api/status')
      await runHotShots('datagram', datagramPath, 'datagram')
      await kymo.received(lines.received + SENT_LINES)
      await expectAll(kymo, 'datagram')
    },
  )

  test.skipIf(missing !== undefined)(
    `over a stream of frames${missing === undefined ? '' : ` (skipped: no ${missing})`}: every line counts`,
    async () => {
      const { lines } = await kymo.json<{ lines: Lines }>('/api/status')
      await runHotShots('stream', streamPath, 'stream')
      await kymo.received(lines.received + SENT_LINES)
      await expectAll(kymo, 'stream')
    },
  )

  test.skipIf(missing !== undefined)(
    `over a stream of lines${missing === undefined ? '' : ` (skipped: no ${missing})`}: every line counts`,
    async () => {
      const lines = join(directory, 'lines.yaml')
      writeFileSync(lines, `statsd:\n  unix_stream: ${linesPath}\n  unix_framing: lines\n`)
      const other = await KymoProcess.start({ flushInterval: '10s', args: [lines] })
      await runHotShots('lines', linesPath, 'lines')
      await other.received(SENT_LINES)
      await expectAll(other, 'lines')
      expect(await other.end()).toBe(0)
      expect(existsSync(linesPath)).toBe(false)
    },
  )
})

test('a socket that is removed is made again', async () => {
  for (const path of [datagramPath, streamPath]) unlinkSync(path)
  await until('both are there again', () => existsSync(datagramPath) && existsSync(streamPath))
  const { lines } = await kymo.json<{ lines: Lines }>('/api/status')
  const client = connect(streamPath)
  client.end(Buffer.from('\u0006\0\0\0b:1|c\n'))
  await once(client, 'close')
  await kymo.received(lines.received + 1)
})

test('a second Kymo on the same path ends with 4 and says why; one that was killed leaves nothing in the way', async () => {
  const config = join(directory, 'kymo.yaml')
  const second = KymoProcess.launch({ args: [config] })
  expect(await second.ended()).toBe(4)
  expect(second.stderr).toContain(datagramPath)
  await kymo.flush()

  expect(await kymo.end('SIGKILL')).toBe('SIGKILL')
  expect(existsSync(datagramPath)).toBe(true)
  kymo = await KymoProcess.start({ args: [config] })
  expect(await kymo.end()).toBe(0)
  expect([datagramPath, streamPath].filter((path) => existsSync(path))).toEqual([])
})
