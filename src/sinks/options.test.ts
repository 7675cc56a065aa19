import { describe, expect, test } from 'vitest'
import { sinkName, sinkOptions } from './options.ts'

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
    for (const { shape } of sinkOptions.options) {
      for (const [key, option] of Object.entries(shape)) {
        if (key !== 'type') expect(option.meta()?.description, key).toMatch(/^[A-Z`].*\.$/)
      }
    }
  })
})
