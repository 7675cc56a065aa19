import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@nats-io/transport-node'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { natsSink } from './nats.ts'
import { sinkConformance } from './sink.conformance.ts'
import { eventsOf, flushBatchOf, gaugesOf, pointBatchOf, TUTORIAL_BATCH } from './testdata/batches.ts'
import { testContext } from './testdata/sink-context.ts'

const signal = new AbortController().signal
const isThere = ['nats-server', '/usr/sbin/nats-server'].find(
  (program) => spawnSync(program, ['--version']).status === 0,
)

const createNats = (port: number, own: object = {}) =>
  natsSink.create(
    natsSink.options.parse({ type: 'nats', servers: [`nats://127.0.0.1:${port}`], ...own }),
    testContext({ clock: systemClock }),
  )

describe.skipIf(isThere === undefined)(
  `nats${isThere === undefined ? ': nats-server is not installed' : ''}`,
  () => {
    const place = mkdtempSync(join(tmpdir(), 'kymo-nats-'))
    let port = 0
    let secretPort = 0
    const others: ChildProcess[] = []

    async function start(...args: string[]): Promise<[ChildProcess, number]> {
      const ports = mkdtempSync(join(place, 'ports-'))
      const child = spawn(
        isThere ?? '',
        ['-a', '127.0.0.1', '-p', '-1', '--ports_file_dir', ports, ...args],
        { stdio: 'ignore' },
      )
      others.push(child)
      const file = join(ports, `nats-server_${child.pid}.ports`)
      const text = await vi.waitUntil(
        () => /nats:\/\/127.0.0.1:\d+.*\]/s.exec(readFileOrNothing(file))?.[0],
        { timeout: 10_000 },
      )
      return [child, Number(/127\.0\.0\.1:(\d+)/.exec(text)?.[1])]
    }

    beforeAll(async () => {
      const [, main] = await start('-js', '-sd', join(place, 'store'))
      port = main
      const [, at] = await start('--user', 'kymo', '--pass', 's3cret')
      secretPort = at
    })
    afterAll(async () => {
      for (const child of others) {
        if (child.exitCode !== null || child.signalCode !== null) continue
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      rmSync(place, { recursive: true })
    })

    async function listen(
      subject: string,
    ): Promise<{ messages: [string, string][]; end: () => Promise<void> }> {
      const listener = await connect({ servers: `127.0.0.1:${port}` })
      const messages: [string, string][] = []
      listener.subscribe(subject, {
        callback: (_, message) => void messages.push([message.subject, message.string()]),
      })
      await listener.flush()
      return { messages, end: () => listener.close() }
    }

    let tested = 0
    sinkConformance('nats', {
      working: async () => {
        const subject = `tested-${tested++}`
        const { messages, end } = await listen(`${subject}.>`)
        return {
          sink: await createNats(port, { subject: `${subject}.{{type}}.{{metric}}`, format: 'graphite' }),
          arrivedPoints: () => messages.length,
          release: end,
        }
      },
      stalled: async () => {
        const silent = createServer((socket) => socket.write('INFO {"max_payload":1048576}\r\n'))
        await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
        return {
          sink: await createNats((silent.address() as AddressInfo).port),
          arrivedPoints: () => 0,
          release: async () => void silent.close(),
        }
      },
      unreachable: async () => ({ sink: await createNats(1), arrivedPoints: () => 0 }),
    })

    test('a metric is one message of JSON, with all its statistics', async () => {
      const { messages, end } = await listen('json.>')
      const sink = await createNats(port, { subject: 'json.{{type}}.{{metric}}' })
      await sink.flush?.(
        flushBatchOf([
          { metricKey: 'api.hits;env=prod', type: 'counter', statistic: 'count', value: 10 },
          { metricKey: 'api.hits;env=prod', type: 'counter', statistic: 'rate', value: 1 },
          { metricKey: 'odd name.>.*..x', type: 'gauge', statistic: 'value', value: Number.NaN },
        ]),
        signal,
      )
      await sink.points?.(pointBatchOf(['p']), signal)
      await sink.events?.(eventsOf(['deploy']), signal)
      await expect.poll(() => messages.length).toBe(4)
      expect(messages.map(([subject]) => subject)).toEqual([
        'json.counter.api.hits',
        'json.gauge.odd_name._._._.x',
        'json.untyped.p',
        'json.event.deploy',
      ])
      expect(JSON.parse(messages[0]?.[1] ?? '')).toEqual({
        timestamp: 1_700_000_000,
        interval_ms: 10_000,
        metric: 'api.hits',
        type: 'counter',
        tags: { env: 'prod' },
        statistics: { count: 10, rate: 1 },
      })
      await sink.close()
      await end()
    })

    test('a stream of JetStream has each message once, though it was sent twice', async () => {
      const client = await connect({ servers: `127.0.0.1:${port}` })
      const manager = await jetstreamManager(client)
      await manager.streams.add({ name: 'METRICS', subjects: ['stream.>'] })
      const sink = await createNats(port, { subject: 'stream.{{type}}', jetstream: true })
      await sink.flush?.(TUTORIAL_BATCH, signal)
      const { state } = await manager.streams.info('METRICS')
      expect(state.messages).toBeGreaterThan(1)
      await sink.flush?.(TUTORIAL_BATCH, signal)
      expect((await manager.streams.info('METRICS')).state.messages).toBe(state.messages)
      const first = await (await jetstream(client).streams.get('METRICS')).getMessage({ seq: 1 })
      expect(JSON.parse(first?.string() ?? '')).toMatchObject({ interval_ms: 10_000 })
      await sink.close()
      await client.close()
    })

    test('where no stream takes a message, the batch is tried again', async () => {
      const sink = await createNats(port, { subject: 'nobody.listens', jetstream: true })
      await expect(async () => sink.flush?.(gaugesOf(['a']), signal)).rejects.toMatchObject({
        code: 'sink-unreachable',
      })
      await sink.close()
    })

    test.each([
      [{}, 'sink-denied'],
      [{ user: 'kymo', password: 'wrong' }, 'sink-denied'],
      [{ user: 'kymo', password: 's3cret' }, undefined],
    ])('a server that wants a password is given %j', async (own, code) => {
      const sink = await createNats(secretPort, own)
      const error = await Promise.resolve(sink.flush?.(gaugesOf(['a']), signal)).then(
        () => undefined,
        (thrown: { code?: string }) => thrown,
      )
      expect(error?.code).toBe(code)
      await sink.close()
    })

    test('a server that goes and comes back is found again', async () => {
      const [first, at] = await start()
      const sink = await createNats(at)
      await sink.flush?.(gaugesOf(['a']), signal)
      first.kill('SIGKILL')
      await once(first, 'exit')
      await expect(async () => sink.flush?.(gaugesOf(['a']), signal)).rejects.toMatchObject({
        isRetryable: true,
      })
      const again = spawn(isThere ?? '', ['-a', '127.0.0.1', '-p', String(at)], { stdio: 'ignore' })
      others.push(again)
      await expect
        .poll(
          async () => await Promise.resolve(sink.flush?.(gaugesOf(['a']), signal)).catch(() => 'not yet'),
          { timeout: 10_000 },
        )
        .toEqual({ refusedPoints: 0 })
      await sink.close()
    })

    test('what is larger than the server takes is left out and counted', async () => {
      const sink = await createNats(port)
      expect(await sink.flush?.(gaugesOf(['a', 'b'.repeat(1_100_000)]), signal)).toEqual({ refusedPoints: 1 })
      await sink.close()
    })
  },
)

function readFileOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

test.each([['a b'], ['a..b'], ['a.>'], ['a.*'], [''], ['a.{{name}}'], ['{{type']])(
  'the subject %j is refused',
  (subject) => {
    expect(natsSink.options.safeParse({ type: 'nats', subject }).success).toBe(false)
  },
)
