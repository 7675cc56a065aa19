import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { httpSink } from './http.ts'
import type { Sink } from './sink.ts'
import { sinkConformance } from './sink.conformance.ts'
import { eventsOf, flushBatchOf, gaugesOf, pointBatchOf, TUTORIAL_BATCH } from './testdata/batches.ts'
import { HttpTestServer } from './testdata/http-server.ts'
import { silentWorlds } from './testdata/silent-worlds.ts'
import { KeptLetters, testContext } from './testdata/sink-context.ts'

const { signal } = new AbortController()

interface Payload {
  readonly kind: string
  readonly metrics?: readonly { readonly statistics: object }[]
  readonly events?: readonly object[]
}

let letters = new KeptLetters()

function sinkAt(url: string, options: object = {}): Promise<Sink> {
  const parsed = httpSink.options.parse({ type: 'http', url, ...options })
  return httpSink.create(parsed, testContext({ clock: systemClock, deadLetters: letters }))
}

function pointsIn(body: string): number {
  const { metrics = [], events = [] } = JSON.parse(body) as Payload
  return metrics.reduce((sum, { statistics }) => sum + Object.keys(statistics).length, events.length)
}

sinkConformance('http', {
  async working() {
    const server = await HttpTestServer.start()
    return {
      sink: await sinkAt(server.url),
      arrivedPoints: () => server.bodies.reduce((sum, body) => sum + pointsIn(body), 0),
      release: () => server.stop(),
    }
  },
  ...silentWorlds((url) => sinkAt(url)),
})

describe('the http sink', () => {
  let server: HttpTestServer
  let sink: Sink

  beforeEach(async () => {
    letters = new KeptLetters()
    server = await HttpTestServer.start()
    sink = await sinkAt(server.url)
  })

  afterEach(async () => {
    await sink.close()
    await server.stop()
  })

  const bodies = (): unknown[] => server.bodies.map((body) => JSON.parse(body) as unknown)

  test('sends a whole flush in one request, points in one, and events in one', async () => {
    await sink.flush?.(TUTORIAL_BATCH, signal)
    await sink.points?.(pointBatchOf(['x', 'y;k=v']), signal)
    await sink.events?.(eventsOf(['a', 'b']), signal)
    expect(bodies()).toEqual([
      {
        kind: 'flush',
        timestamp: 1_700_000_000,
        interval_ms: 10_000,
        metrics: [
          { metric: 'counter', type: 'counter', tags: {}, statistics: { count: 10, rate: 1 } },
          {
            metric: 'timer',
            type: 'timer',
            tags: { env: 'prod' },
            statistics: { count: 5, upper: 4, upper_99_9: 4, mean_top10: 3.5 },
          },
          { metric: 'gauge', type: 'gauge', tags: {}, statistics: { value: 4 } },
        ],
      },
      {
        kind: 'points',
        metrics: [
          { timestamp: 1_700_000_000, metric: 'x', type: 'untyped', tags: {}, statistics: { value: 0 } },
          {
            timestamp: 1_700_000_000.25,
            metric: 'y',
            type: 'untyped',
            tags: { k: 'v' },
            statistics: { value: 1 },
          },
        ],
      },
      {
        kind: 'events',
        events: [
          { timestamp: 1_700_000_000, kind: 'event', title: 'a', text: 'a', tags: ['key:a'] },
          { timestamp: 1_700_000_001, kind: 'event', title: 'b', text: 'b', tags: ['key:b'] },
        ],
      },
    ])
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/',
      headers: { 'content-type': 'application/json' },
    })
  })

  test('sends 50,000 metrics in one request', async () => {
    const names = Array.from({ length: 50_000 }, (_, index) => `a.metric.with.a.name.${index}`)
    await sink.flush?.(gaugesOf(names), signal)
    expect(server.bodies.map(pointsIn)).toEqual([50_000])
  })

  test('sends as many at once as it is told', async () => {
    sink = await sinkAt(server.url, { max_metrics: 2 })
    await sink.flush?.(gaugesOf(['a', 'b', 'c', 'd', 'e']), signal)
    expect(new Set(server.bodies.map(pointsIn))).toEqual(new Set([1, 2]))
    sink = await sinkAt(server.url, { max_body: '1KiB' })
    await sink.flush?.(gaugesOf(Array.from({ length: 50 }, (_, index) => `name${index}`)), signal)
    expect(server.bodies.every((body) => body.length < 1_200)).toBe(true)
  })

  test.each([
    [
      '{"at":{{timestamp}},"every":{{ interval_ms }},"all":{{metrics}}}',
      { at: 1_700_000_000, every: 10_000 },
    ],
    ['{"content": {{text}}}', { content: 'a "quote"\\ gauge value 0\nb;k=v gauge value 1' }],
    ['[{{kind}},{{events}}]', ['flush', []]],
    ['{"a":{"b":{"c":1}},"flush":{{json}}}', { a: { b: { c: 1 } }, flush: { kind: 'flush' } }],
    ['{"nothing":"of it"}', { nothing: 'of it' }],
  ])('fills %s', async (body, wanted) => {
    sink = await sinkAt(server.url, { body })
    await sink.flush?.(gaugesOf(['a "quote"\\', 'b;k=v']), signal)
    expect(bodies()[0]).toMatchObject(wanted)
  })

  test.each(['{{name}}', '{{}}', '{{json', '{{ json }} {{ {{', '{{constructor}}'])(
    'does not take "%s" for a body',
    (body) => {
      expect(httpSink.options.safeParse({ type: 'http', url: 'http://x', body }).success).toBe(false)
    },
  )

  test('signs the body and the time, for whoever has the key', async () => {
    sink = await sinkAt(server.url, { signing_key: 'a secret', compression: 'gzip' })
    await sink.flush?.(gaugesOf(['größe']), signal)
    const [request] = server.requests
    const timestamp = String(request?.headers['x-kymo-timestamp'])
    const digest = createHmac('sha256', 'a secret')
      .update(`${timestamp}.${request?.body.toString()}`)
      .digest('hex')
    expect(request?.headers['x-kymo-signature']).toBe(`sha256=${digest}`)
    expect(Math.abs(Date.now() / 1000 - Number(timestamp))).toBeLessThan(60)
    expect(request?.headers['content-encoding']).toBe('gzip')
  })

  test('gives a payload the same number when it is sent again, and signs nothing without a key', async () => {
    server.reply = () => ({ status: 503 })
    const batch = gaugesOf(['a'])
    for (let attempt = 0; attempt < 2; attempt += 1)
      await expect(Promise.resolve(sink.flush?.(batch, signal))).rejects.toMatchObject({ code: 'sink-busy' })
    server.reply = () => ({ status: 200 })
    await sink.flush?.(batch, signal)
    await sink.flush?.(gaugesOf(['a'], batch.timestampMs + 10_000), signal)
    const numbers = server.requests.map(({ headers }) => headers['x-kymo-delivery'])
    expect(numbers.slice(0, 3)).toEqual(Array(3).fill(numbers[0]))
    expect(numbers[3]).not.toBe(numbers[0])
    expect(server.requests[0]?.headers).not.toHaveProperty('x-kymo-signature')
  })

  test('gives a payload that is refused up whole', async () => {
    server.reply = () => ({ status: 422, body: 'no such agent' })
    expect(await sink.flush?.(gaugesOf(['a', 'b']), signal)).toMatchObject({ refusedPoints: 2 })
    expect(server.requests).toHaveLength(1)
    expect(letters.letters.map(({ reason }) => reason)).toEqual(
      Array(2).fill(expect.stringContaining('no such agent')),
    )
  })

  test('says null where JSON has no number', async () => {
    const gauge = {
      metricKey: 'a',
      type: 'gauge',
      statistic: 'value',
      value: Number.POSITIVE_INFINITY,
    } as const
    expect(await sink.flush?.(flushBatchOf([gauge]), signal)).toMatchObject({ refusedPoints: 0 })
    expect(bodies()).toMatchObject([{ metrics: [{ statistics: { value: null } }] }])
  })

  test('has headers, a method and an authorisation of choice', async () => {
    sink = await sinkAt(server.url, {
      method: 'PUT',
      token: 't',
      headers: { 'Content-Type': 'text/plain', 'x-a': 'b' },
    })
    await sink.flush?.(gaugesOf(['a']), signal)
    expect(server.requests[0]).toMatchObject({
      method: 'PUT',
      headers: { 'content-type': 'text/plain', 'x-a': 'b', authorization: 'Bearer t' },
    })
  })

  test('is taken by the agent of the guide, and by nobody without the key', async () => {
    const guide = readFileSync(join(import.meta.dirname, '../../docs/guide/sinks/http.md'), 'utf8')
    const program = /```js\n(.*?)```/s.exec(guide)?.[1] ?? ''
    const listening = `listen(0, '127.0.0.1', function () { console.log('port ' + this.address().port) })`
    const agent = spawn(
      process.execPath,
      ['--input-type=module', '-e', program.replace('listen(9000)', listening)],
      {
        env: { KEY: 'of the guide' },
      },
    )
    let said = ''
    agent.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
    await expect.poll(() => said, { timeout: 10_000 }).toMatch(/^port \d+\n/)
    const url = `http://127.0.0.1:${/\d+/.exec(said)?.[0]}/`
    const slow = flushBatchOf([
      { metricKey: 'slow', type: 'timer', statistic: 'upper', percentile: 90, value: 900 },
    ])
    const known = await sinkAt(url, { signing_key: 'of the guide' })
    expect(await known.flush?.(slow, signal)).toMatchObject({ refusedPoints: 0 })
    await expect.poll(() => said).toContain("look into [ 'slow' ]")
    const stranger = await sinkAt(url, { signing_key: 'another' })
    await expect(Promise.resolve(stranger.flush?.(slow, signal))).rejects.toMatchObject({
      code: 'sink-denied',
    })
    await known.close()
    await stranger.close()
    agent.kill()
    await once(agent, 'exit')
  })

  test('needs an address', () => {
    for (const url of [undefined, '', 'ftp://x', 'x'])
      expect(httpSink.options.safeParse({ type: 'http', url }).success).toBe(false)
  })
})
