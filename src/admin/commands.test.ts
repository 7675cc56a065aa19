import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { OpenValue } from './list-metrics.ts'
import type { AdminServices } from './services.ts'
import { converse, join, start, until } from './testdata/console.ts'
import { createFakeServices, type FakeMetrics, noMetrics, timer } from './testdata/fake-services.ts'

interface Exchange {
  readonly command: string
  readonly reply: string
}

interface CommandCase {
  readonly id: string
  readonly kind: string
  readonly input: string
  readonly expect: { readonly response?: string }
}

const readJson = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`testdata/${name}`, import.meta.url), 'utf8'))

/** A conversation with etsy's statsd 0.9.0 itself, on Node 20, after the metrics below had been sent. */
const exchanges = readJson('etsy-replies.json') as Exchange[]
const NOW_SECONDS = 1_795_202_231

function etsyMetrics(): FakeMetrics {
  const counters = {
    'statsd.bad_lines_seen': 0,
    'statsd.packets_received': 173,
    'statsd.metrics_received': 173,
  }
  const sent = { 'web.hits': 23, 'web.errors': 1, '10': 1, '2': 5 }
  const folders = { a: 1, 'a.b': 1, 'a.b.c': 1, ab: 1, 'tagged;env=prod': 1 }
  return {
    counter: new Map<string, OpenValue>(Object.entries({ ...counters, ...sent, ...folders })),
    timer: new Map([
      ['api.time', timer([12, 7.25, 100])],
      ['many', timer(Array.from({ length: 150 }, (_, index) => index * 3))],
      ['eight', timer(Array.from({ length: 8 }, (_, index) => index / 3))],
    ]),
    gauge: new Map([
      ['load', 0.75],
      ['queue.depth', -4],
    ]),
  }
}

function etsyServices(): AdminServices {
  return createFakeServices(etsyMetrics(), {
    uptimeSeconds: () => 2.2,
    lastMessageSeenSeconds: () => NOW_SECONDS,
    badLinesSeen: () => 0,
    sinkStats: () => [
      { name: 'graphite', stat: 'last_flush', value: NOW_SECONDS - 2 },
      { name: 'graphite', stat: 'last_exception', value: 0 },
      { name: 'graphite', stat: 'flush_time', value: 0 },
      { name: 'graphite', stat: 'flush_length', value: 0 },
      { name: 'console', stat: 'lastFlush', value: 1795202229 },
      { name: 'console', stat: 'lastException', value: 1795202229 },
    ],
    config: () => [
      { path: ['port'], value: '38125' },
      { path: ['mgmt_port'], value: '38126' },
      { path: ['mgmt_address'], value: '127.0.0.1' },
      { path: ['address'], value: '127.0.0.1' },
      { path: ['flushInterval'], value: '600000' },
      { path: ['backends', '0'], value: './backends/graphite' },
      { path: ['backends', '1'], value: './backends/console' },
      { path: ['graphite', 'legacyNamespace'], value: 'false' },
      { path: ['graphite', 'prefixCounter'], value: 'c' },
      { path: ['percentThreshold', '0'], value: '90' },
      { path: ['percentThreshold', '1'], value: '95' },
      { path: ['gaugesMaxTTL'], value: '1' },
      { path: ['deleteIdleStats'], value: 'false' },
    ],
  })
}

const startLikeEtsy = () =>
  start({ services: etsyServices(), isWritable: true, clock: new FakeClock(NOW_SECONDS * 1000) })

describe('the replies are those of etsy to the byte', () => {
  const commands = exchanges.map(({ command }) => command).join('')
  const replies = exchanges.map(({ reply }) => reply).join('')

  test('one command after the other', async () => {
    const { port } = await startLikeEtsy()
    const answered: Exchange[] = []
    for (const { command } of exchanges) answered.push({ command, reply: await converse(port, [command]) })
    expect(answered).toEqual(exchanges)
  })

  test.each<[title: string, pieces: string[]]>([
    ['all commands in one piece', [commands]],
    ['each byte by itself', commands.split('')],
    ['CRLF', [commands.replaceAll('\n', '\r\n')]],
    ['no last line end', [commands.slice(0, -1)]],
  ])('%s', async (_title, pieces) => {
    const { port } = await startLikeEtsy()
    expect(await converse(port, pieces)).toBe(replies)
  })

  test('in any pieces', async () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 40, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(pieces, async (lengths) => {
        const { admin, port } = await startLikeEtsy()
        let rest = commands
        const parts = lengths.map((length) => {
          const part = rest.slice(0, length)
          rest = rest.slice(length)
          return part
        })
        expect(await converse(port, [...parts.filter((part) => part !== ''), rest])).toBe(replies)
        await admin.close()
      }),
      { numRuns: 20 },
    )
  })

  const peerCases = (readJson('peer-cases.json') as CommandCase[]).filter(
    ({ kind }) => kind === 'mgmt_command',
  )
  test.each(peerCases)('$id', async ({ input, expect: wanted }) => {
    const { port } = await startLikeEtsy()
    expect(await converse(port, [input])).toBe(wanted.response ?? '')
  })
})

describe('deleting', () => {
  test('is refused unless it is allowed, whatever is named', async () => {
    const metrics = etsyMetrics()
    const { port } = await start({ services: createFakeServices(metrics) })
    expect(await converse(port, ['delcounters a\ndeltimers\ndelgauges load nope\ncounters x\n'])).toMatch(
      /^ERROR: delcounters is not allowed here; admin.writable allows it\nERROR: deltimers .*\nERROR: delgauges .*\n{\n/,
    )
    expect(metrics).toEqual(etsyMetrics())
  })

  test('is done for the type that the command is for', async () => {
    const metrics = etsyMetrics()
    const { port } = await start({ services: createFakeServices(metrics), isWritable: true })
    const reply = await converse(port, ['deltimers load api.* queue.depth\ndelgauges api.time queue.*\n'])
    expect(reply).toBe(
      'metric load not found\ndeleted: api.time\nmetric queue.depth not found\nEND\n\n' +
        'metric api.time not found\ndeleted: queue.depth\nEND\n\n',
    )
    expect([...metrics.timer.keys(), ...metrics.gauge.keys()]).toEqual(['many', 'eight', 'load'])
    expect(metrics.counter).toEqual(etsyMetrics().counter)
  })

  test('takes names as UTF-8, and names that mean something to JavaScript as names', async () => {
    const names = ['größe', '__proto__', 'constructor']
    const metrics = { ...noMetrics(), gauge: new Map(names.map((name) => [name, 1])) }
    const { port } = await start({ services: createFakeServices(metrics), isWritable: true })
    const command = 'delgauges größe __proto__ constructor toString\ngauges\n'
    expect(
      await converse(
        port,
        [...Buffer.from(command)].map((byte) => Uint8Array.of(byte)),
      ),
    ).toBe(
      'deleted: größe\ndeleted: __proto__\ndeleted: constructor\nmetric toString not found\nEND\n\n{}\nEND\n\n',
    )
  })

  test('more metrics than an answer has room for says so', async () => {
    const services = createFakeServices(noMetrics(), {
      deleteMetrics: () => Promise.resolve([{ argument: 'a.*', count: 3, names: ['a.b'] }]),
    })
    const { port } = await start({ services, isWritable: true })
    expect(await converse(port, ['delgauges a.*\n'])).toBe('deleted: a.b\n... 2 more deleted\nEND\n\n')
  })
})

describe('an answer that has to be waited for', () => {
  test('keeps its place among others', async () => {
    let answer = (): void => {}
    const services = createFakeServices(noMetrics(), {
      openMetrics: (type) =>
        new Promise((resolve) => {
          answer = () => resolve({ metrics: new Map([[type, 1]]), metricCount: 1 })
        }),
    })
    const { port } = await start({ services })
    const client = await join(port)
    client.socket.write('counters\nhealth\ngauges\nhealth\n')
    const other = await join(port)
    other.socket.write('health\n')
    await until(() => other.received === 'health: up\n')
    expect(client.received).toBe('')
    answer()
    await until(() => client.received.endsWith('up\n'))
    answer()
    await until(() => client.received.includes('gauge') && client.received.endsWith('up\n'))
    expect(client.received).toBe('{ counter: 1 }\nEND\n\nhealth: up\n{ gauge: 1 }\nEND\n\nhealth: up\n')
  })

  test('is given up after five seconds', async () => {
    const services = createFakeServices(noMetrics(), { openMetrics: () => new Promise(() => {}) })
    const { port, clock } = await start({ services })
    const client = await join(port)
    client.socket.write('gauges\nhealth\n')
    await until(() => {
      clock.advance(100)
      return client.received.endsWith('up\n')
    })
    expect(client.received).toBe('ERROR: not done within 5 seconds\nhealth: up\n')
  })

  test('may come after the client has gone', async () => {
    let answer = (): void => {}
    const services = createFakeServices(noMetrics(), {
      openMetrics: () =>
        new Promise((resolve) => {
          answer = () => resolve({ metrics: new Map(), metricCount: 0 })
        }),
    })
    const { port } = await start({ services })
    const client = await join(port)
    const initial = answer
    client.socket.write('gauges\nhelp\n')
    await until(() => answer !== initial)
    client.socket.resetAndDestroy()
    await until(() => client.isClosed)
    answer()
    expect(await converse(port, ['health\n'])).toBe('health: up\n')
  })

  test.each<[title: string, error: Error, reply: string]>([
    ['an error of the catalog', new KymoError('store-disabled'), 'ERROR: This Kymo keeps no data'],
    ['a bug', new Error('BUG: secret details'), 'ERROR: internal error; the log has more\n'],
  ])('that ends in %s is an error of one line', async (_title, error, reply) => {
    const services = createFakeServices(noMetrics(), { openMetrics: () => Promise.reject(error) })
    const { port } = await start({ services })
    const received = await converse(port, ['counters\nhealth\n'])
    expect(received.startsWith(reply)).toBe(true)
    expect(received.split('\n')).toHaveLength(3)
    expect(received.endsWith('\nhealth: up\n')).toBe(true)
  })
})

test('a large answer comes whole, and those behind it', async () => {
  const names = Array.from({ length: 20_000 }, (_, index): [string, number] => [
    `some.long.name.${index}`,
    index,
  ])
  const { port } = await start({ services: createFakeServices({ ...noMetrics(), counter: new Map(names) }) })
  const received = await converse(port, ['counters\ncounters\nquit\n'])
  const [first, second, ...rest] = received.split('END\n\n')
  expect(first).toContain("  'some.long.name.19999': 19999\n}\n")
  expect(second).toBe(first)
  expect(rest).toEqual([''])
})

test('a value of several lines is one setting', async () => {
  const services = createFakeServices(noMetrics(), {
    config: () => [{ path: ['store', 'path'], value: 'a\nhttp > insecure_open: true\r\n' }],
  })
  const { port } = await start({ services })
  expect(await converse(port, ['config\n'])).toBe('\nstore > path: a http > insecure_open: true \n')
})

test('whatever is sent, the next client is answered', async () => {
  const { port } = await start({ services: etsyServices(), isWritable: true })
  const word = fc.constantFrom('counters', 'delcounters', 'health', 'quit', '\n', '\r\n', ' ', '\0', 'a.*')
  const piece = fc.oneof(word, fc.uint8Array({ maxLength: 50 }))
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
      await converse(port, pieces)
      expect(await converse(port, ['health up\n'])).toBe('health: up\n')
    }),
    { numRuns: 100 },
  )
})
