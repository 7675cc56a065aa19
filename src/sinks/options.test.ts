import { describe, expect, test } from 'vitest'
import { readMapping } from '../config/read-mapping.ts'
import { sinkName } from './define-sink.ts'
import { appetiteOf, peersOf, SINKS, sinkOptions } from './options.ts'

/** What every sink has. */
const DELIVERY = { queue_points: 1_000_000, spool_bytes: 1_073_741_824, flush_every: 1 }

const MODULE = { ...DELIVERY, packets: false, timeout: 30_000, memory: 256 * 1024 * 1024 }

describe('the options of a sink', () => {
  test.each([
    [
      { type: 'graphite' },
      {
        type: 'graphite',
        ...DELIVERY,
        host: 'localhost',
        protocol: 'plaintext',
        tag_form: 'keep',
        ring: 'carbon_ch',
        replication_factor: 1,
        diverse_replicas: true,
        connect_timeout: 5_000,
        send_timeout: 10_000,
      },
    ],
    [{ type: 'stdout' }, { type: 'stdout', ...DELIVERY, spool_bytes: 0, format: 'text' }],
    [
      { type: 'stderr', name: 'errors', format: 'json' },
      { type: 'stderr', name: 'errors', ...DELIVERY, spool_bytes: 0, format: 'json' },
    ],
    [
      { type: 'module', module: './a.mjs', options: { key: [1, { deep: null }] } },
      { type: 'module', ...MODULE, module: './a.mjs', details: false, options: { key: [1, { deep: null }] } },
    ],
    [
      { type: 'statsd-backend', module: 'statsd-x-backend', packets: true, timeout: '1m', memory: '64MiB' },
      {
        type: 'statsd-backend',
        ...MODULE,
        module: 'statsd-x-backend',
        packets: true,
        timeout: 60_000,
        memory: 64 * 1024 * 1024,
      },
    ],
  ])('%j become %j', (given, wanted) => {
    expect(sinkOptions.parse(given)).toEqual(wanted)
  })

  test.each([
    [{}],
    [{ type: 'grafite' }],
    [{ type: 'graphite', prot: 2003 }],
    [{ type: 'graphite', port: 0 }],
    [{ type: 'graphite', port: 65_536 }],
    [{ type: 'graphite', host: '' }],
    [{ type: 'graphite', send_timeout: 10 }],
    [{ type: 'graphite', send_timeout: '0s' }],
    [{ type: 'graphite', queue_points: 0 }],
    [{ type: 'graphite', name: 'a"b' }],
    [{ type: 'stdout', format: 'xml' }],
    [{ type: 'stdout', host: 'localhost' }],
    [{ type: 'module' }],
    [{ type: 'module', module: '' }],
    [{ type: 'module', module: './a.mjs', options: ['a'] }],
    [{ type: 'module', module: './a.mjs', options: 'a' }],
    [{ type: 'statsd-backend', module: './a.mjs', details: true }],
  ])('%j are refused', (given) => {
    expect(sinkOptions.safeParse(given).success).toBe(false)
  })

  test.each([
    [{ type: 'graphite' }, 'graphite'],
    [{ type: 'stderr', name: 'errors' }, 'errors'],
  ])('%j name it %s', (given, wanted) => {
    expect(sinkName(sinkOptions.parse(given))).toBe(wanted)
  })

  test('are all described', () => {
    for (const { shape } of SINKS.map(({ options }) => options)) {
      for (const [key, option] of Object.entries(shape)) {
        if (key !== 'type') expect(option.meta()?.description, key).toMatch(/^[A-Z`].*\.$/)
      }
    }
  })
})

const NOTHING = { details: false, idleGauges: false, packets: 'off' }

describe('what sinks are given', () => {
  test.each([
    [[], NOTHING],
    [[{ type: 'graphite' }, { type: 'stdout' }], NOTHING],
    [[{ type: 'graphite' }, { type: 'statsd' }], { ...NOTHING, details: true }],
    [[{ type: 'module', module: './a.mjs' }], NOTHING],
    [[{ type: 'module', module: './a.mjs', details: true }], { ...NOTHING, details: true }],
    [[{ type: 'statsd-repeater', destinations: ['a.example:8125'] }], { ...NOTHING, packets: 'packets' }],
    [
      [
        { type: 'statsd-repeater', destinations: ['a.example:8125'] },
        { type: 'module', module: './a.mjs', packets: true },
      ],
      { ...NOTHING, packets: 'packets-and-senders' },
    ],
  ])('of %j is what they want together', (given, wanted) => {
    expect(appetiteOf(given.map((options) => sinkOptions.parse(options)))).toEqual(wanted)
  })

  test.each([
    ['', false],
    ['mappings: [{match: a, name: b, ttl: 30s}]', true],
    ['defaults: {ttl: 30s}', true],
  ])('is which gauges were idle, where a mapping file says %j: %s', (text, idleGauges) => {
    const sink = { ...sinkOptions.parse({ type: 'prometheus' }), mapping: readMapping(text, 'm.yml') }
    expect(appetiteOf([sink])).toEqual({ ...NOTHING, details: true, idleGauges })
  })
})

test.each([
  [{ type: 'stdout' }, []],
  [{ type: 'graphite', host: 'a.example' }, [{ host: 'a.example', port: 2003, wire: 'graphite' }]],
  [{ type: 'statsd', host: 'a.example' }, [{ host: 'a.example', port: 8125, wire: 'statsd' }]],
  [
    { type: 'statsd-repeater', destinations: ['a.example:1', '[::1]:2'] },
    [
      { host: 'a.example', port: 1, wire: 'statsd' },
      { host: '::1', port: 2, wire: 'statsd' },
    ],
  ],
  [{ type: 'otlp' }, [{ host: 'localhost', port: 4318, wire: 'otlp-http' }]],
  [{ type: 'otlp', protocol: 'grpc', url: 'http://[::1]:9' }, [{ host: '::1', port: 9, wire: 'otlp-grpc' }]],
])('%j sends to %j', (given, wanted) => {
  expect(peersOf(sinkOptions.parse(given))).toEqual(wanted)
})
