import { beforeEach, describe, expect, test } from 'vitest'
import { FakeClock } from '../../lib/fake-clock.ts'
import { KymoError } from '../../telemetry/errors.ts'
import { silentLog } from '../../telemetry/log.ts'
import { allocateOwnMetrics, layoutOwnMetrics, OwnMetrics } from '../../telemetry/own-metrics.ts'
import { type SinkOptions, sinkOptions } from '../options.ts'
import type { Sink } from '../sink.ts'
import { eventsOf, gaugesOf, pointBatchOf } from '../testdata/batches.ts'
import { Deliveries, type NamedSinkOptions } from './deliveries.ts'

const layout = layoutOwnMetrics({ listener: [], sink: ['a', 'b', 'c'], thread: [] })
const metrics = new OwnMetrics(layout, allocateOwnMetrics(layout))

let clock: FakeClock
/** What happened to each sink that was made: `a1` is the first named a. */
let told: string[]
let made = 0
/** Sinks that cannot be reached. */
let unreachable: Set<string>
let deliveries: Deliveries

beforeEach(() => {
  clock = new FakeClock()
  told = []
  made = 0
  unreachable = new Set()
  deliveries = new Deliveries({
    createSink: async ({ name, type }) => {
      if (type === 'stderr') throw new Error('no such module')
      return spySink(name, `${name}${++made}`)
    },
    longestDrainMs: 5_000,
    clock,
    log: silentLog,
    random: () => 0.5,
  })
})

function spySink(name: string, id: string): Sink {
  const tell = (what: string) => () => {
    if (unreachable.has(name)) {
      throw new KymoError('sink-unreachable', { name, address: 'nowhere', reason: 'it is down' })
    }
    told.push(`${id} ${what}`)
  }
  return {
    name,
    flush: tell('flush'),
    points: tell('points'),
    events: tell('events'),
    close: async () => void told.push(`${id} closed`),
  }
}

function graphite(name: string, options: Partial<SinkOptions> = {}): NamedSinkOptions {
  return { ...sinkOptions.parse({ type: 'graphite', ...options }), name }
}

const names = () => deliveries.statuses().map(({ name }) => name)

/** Lets every promise that can settle do so. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

describe('other sinks', () => {
  test('what comes goes to those that are there now', async () => {
    await deliveries.reconfigure([graphite('a')], metrics)
    deliveries.flush(gaugesOf(['m']))
    await settle()
    await deliveries.reconfigure([graphite('b'), graphite('a')], metrics)
    deliveries.points(pointBatchOf(['m']))
    await settle()
    await deliveries.reconfigure([graphite('b')], metrics)
    deliveries.events(eventsOf(['deploy']))
    await settle()
    await deliveries.reconfigure([], metrics)
    deliveries.flush(gaugesOf(['m']))
    expect(told).toEqual(['a1 flush', 'b2 points', 'a1 points', 'a1 closed', 'b2 events', 'b2 closed'])
  })

  test('one that is as it was goes on, one that is different is replaced', async () => {
    await deliveries.reconfigure([graphite('a'), graphite('b')], metrics)
    await deliveries.reconfigure([graphite('a'), graphite('b', { port: 9 } as never)], metrics)
    deliveries.flush(gaugesOf(['m']))
    await settle()
    expect(told).toEqual(['b2 closed', 'a1 flush', 'b3 flush'])
    expect(names()).toEqual(['a', 'b'])
  })

  test('one that cannot be made changes nothing', async () => {
    await deliveries.reconfigure([graphite('a')], metrics)
    const broken = { ...sinkOptions.parse({ type: 'stderr' }), name: 'c' }
    await expect(deliveries.reconfigure([graphite('b'), broken], metrics)).rejects.toThrow('no such module')
    deliveries.flush(gaugesOf(['m']))
    await settle()
    expect(told).toEqual(['a1 flush'])
  })
})

describe('one that is taken out while it cannot be reached', () => {
  test('is waited for as long as at a stop', async () => {
    unreachable.add('a')
    await deliveries.reconfigure([graphite('a')], metrics)
    deliveries.flush(gaugesOf(['m']))
    await settle()
    let isDone = false
    const done = deliveries.reconfigure([], metrics).then(() => (isDone = true))
    await settle()
    expect([names(), isDone]).toEqual([[], false])
    clock.advance(5_000)
    await done
    expect(told).toEqual(['a1 closed'])
  })

  test('is stopped with the others', async () => {
    unreachable.add('a')
    await deliveries.reconfigure([graphite('a'), graphite('b')], metrics)
    deliveries.flush(gaugesOf(['m']))
    await settle()
    const changed = deliveries.reconfigure([graphite('b')], metrics)
    await settle()
    const drained = deliveries.drain()
    clock.advance(5_000)
    await Promise.all([changed, drained])
    expect(told.toSorted()).toEqual(['a1 closed', 'b2 closed', 'b2 flush'])
  })
})
