import { createServer, type AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { KymoError } from '../telemetry/errors.ts'
import { loadPeer } from './bus/load-peer.ts'
import { BusEncoder, type BusMessage } from './bus/messages.ts'
import { requestsOf, topicEscape } from './bus/kafka-sink.ts'
import { kafkaSink } from './kafka.ts'
import { eventsOf, flushBatchOf, gaugesOf, HOSTILE_NAMES, pointBatchOf } from './testdata/batches.ts'
import { testContext } from './testdata/sink-context.ts'

// Kafka itself is not to be had here: what is produced is looked at before it is, and what fails as it does without one.

const signal = new AbortController().signal
const createKafka = (port: number, own: object = {}) =>
  kafkaSink.create(
    kafkaSink.options.parse({ type: 'kafka', brokers: [`127.0.0.1:${port}`], ...own }),
    testContext(),
  )

const BATCH = flushBatchOf([
  { metricKey: 'api.hits;env=prod', type: 'counter', statistic: 'count', value: 10 },
  { metricKey: 'api.hits;env=prod', type: 'counter', statistic: 'rate', value: 1 },
  { metricKey: 'g', type: 'gauge', statistic: 'value', value: Number.NaN },
])

describe('messages', () => {
  const encode = (format: 'json' | 'graphite') => {
    const encoder = new BusEncoder({
      format,
      place: 'k.{{ type }}.{{metric}}',
      escape: (name) => name.toUpperCase(),
    })
    let refused = 0
    const refuse = (points: number): void => void (refused += points)
    return {
      messages: [
        ...encoder.flush(BATCH, refuse),
        ...encoder.points(pointBatchOf(['p;a=b']), refuse),
        ...encoder.events(eventsOf(['e'])),
      ],
      refused: () => refused,
    }
  }

  test('of JSON: one for each metric, with its key', () => {
    const { messages, refused } = encode('json')
    expect(messages.map(({ place, key, points, id }) => [place, key, points, id])).toEqual([
      ['k.counter.API.HITS', 'api.hits;env=prod', 2, '1700000000000 counter api.hits;env=prod'],
      ['k.gauge.G', 'g', 1, '1700000000000 gauge g'],
      ['k.untyped.P', 'p;a=b', 1, undefined],
      ['k.event.E', 'e', 1, undefined],
    ])
    expect(JSON.parse(messages[0]?.text ?? '')).toMatchObject({
      metric: 'api.hits',
      tags: { env: 'prod' },
      statistics: { count: 10, rate: 1 },
    })
    expect(JSON.parse(messages[1]?.text ?? '')).toMatchObject({ statistics: { value: null } })
    expect(refused()).toBe(0)
  })

  test('of lines: one for each series, but what no line can carry', () => {
    const { messages, refused } = encode('graphite')
    expect(messages.slice(0, 3).map(({ key, text }) => [key, text])).toEqual([
      ['stats.counters.api.hits.count;env=prod', 'stats.counters.api.hits.count;env=prod 10 1700000000'],
      ['stats.counters.api.hits.rate;env=prod', 'stats.counters.api.hits.rate;env=prod 1 1700000000'],
      ['p;a=b', 'p;a=b 0 1700000000'],
    ])
    expect(refused()).toBe(1)
  })

  test('go in requests that are no larger than they may be', () => {
    const message = (text: string): BusMessage => ({ place: 't', key: 'k', text, points: 2 })
    const messages = [
      ...Array.from({ length: 100 }, (_, index) => message(`${index}`.padStart(300, '.'))),
      message('x'.repeat(5_000)),
    ]
    let refused = 0
    const requests = [...requestsOf(messages, 4_096, (points) => void (refused += points))]
    expect(requests.flat()).toEqual(messages.slice(0, 100))
    for (const request of requests)
      expect(request.reduce((sum, { text }) => sum + text.length + 65, 0)).toBeLessThanOrEqual(4_096)
    expect(requests.length).toBeLessThan(12)
    expect(refused).toBe(2)
  })

  test.each([['{{metric}}'], ['x-{{metric}}.{{ metric }}'], [`${'y'.repeat(230)}{{type}}{{metric}}`]])(
    'have topics that there can be, whatever the names: %s',
    (place) => {
      expect(kafkaSink.options.safeParse({ type: 'kafka', topic: place }).success).toBe(true)
      const encoder = new BusEncoder({ format: 'json', place, escape: topicEscape(place) })
      const names = [...new Set([...HOSTILE_NAMES, '.', '..', 'n'.repeat(2_000), 'ü'.repeat(300)])]
      const messages = [...encoder.flush(gaugesOf(names), () => {})]
      expect(messages).toHaveLength(names.length)
      for (const message of messages) {
        expect(message.place).toMatch(/^[A-Za-z0-9._-]{1,249}$/)
        expect(message.place).not.toMatch(/^\.+$/)
      }
    },
  )
})

describe('without a broker', () => {
  test('a batch waits', async () => {
    const sink = await createKafka(1, { connect_timeout: '500ms' })
    for (let attempt = 0; attempt < 2; attempt++) {
      const error = await Promise.resolve(sink.flush?.(gaugesOf(['a']), signal)).catch(
        (thrown: unknown) => thrown,
      )
      expect(error).toBeInstanceOf(KymoError)
      expect((error as KymoError).code).toBe('sink-unreachable')
      expect((error as KymoError).message).toContain('127.0.0.1:1')
    }
    await sink.close()
    await sink.close()
  })

  test('one that answers rubbish, or nothing, is given up when the signal aborts', async () => {
    for (const answer of ['', 'HTTP/1.1 400 Bad Request\r\n\r\n']) {
      const server = createServer((socket) => {
        socket.on('error', () => {})
        if (answer !== '') socket.on('data', () => socket.write(answer))
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const sink = await createKafka((server.address() as AddressInfo).port)
      const abort = new AbortController()
      const flushing = Promise.resolve(sink.flush?.(gaugesOf(['a']), abort.signal))
      setImmediate(() => abort.abort(new Error('enough')))
      await expect(flushing).rejects.toThrow('enough')
      await sink.close()
      server.close()
    }
  })

  test('an empty batch is nothing to send', async () => {
    const sink = await createKafka(1)
    expect(await sink.flush?.(gaugesOf([]), signal)).toEqual({ refusedPoints: 0 })
    await sink.close()
  })
})

test('a package that is not there is named, and what to do', async () => {
  const name: string = 'no-such-package-anywhere'
  const error = await loadPeer('bus', name, async () => (await import(name)) as unknown).catch(
    (thrown: unknown) => thrown,
  )
  expect((error as KymoError).code).toBe('package-missing')
  expect((error as KymoError).help).toContain(`npm install ${name}`)
  expect((error as KymoError).isRetryable).toBe(true)
})

test.each([['a b'], ['{{name}}'], ['a/b'], ['x'.repeat(250)], ['']])('the topic %j is refused', (topic) => {
  expect(kafkaSink.options.safeParse({ type: 'kafka', topic }).success).toBe(false)
})
