import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { nextEventLoopTurn } from '../lib/clock.ts'
import type { FlushBatch } from '../model/flush-batch.ts'
import type { PointBatch } from '../model/point.ts'
import { KymoError } from '../telemetry/errors.ts'
import { silentLog } from '../telemetry/log.ts'
import { allocateOwnMetrics, layoutOwnMetrics, OwnMetrics, readOwnMetrics } from '../telemetry/own-metrics.ts'
import { StoreWriter, type Fsync } from './store-writer.ts'

const layout = layoutOwnMetrics({ listener: [], sink: ['store'], thread: [] })

/** A disk that can be told to fail: what is written is safe only once it was synced. */
function createDisk(fsync: Fsync = '1s') {
  const buffer = allocateOwnMetrics(layout)
  const clock = new FakeClock()
  const disk = { canWrite: true, canSync: true, written: [] as number[], safe: [] as number[] }
  const fail = () => {
    throw new KymoError('store-write-failed', { path: '/disk', reason: 'told to' })
  }
  const writer = new StoreWriter({
    sink: {
      name: 'store',
      flush: (batch) => (disk.canWrite ? void disk.written.push(batch.timestampMs) : fail()),
      points: (batch) => (disk.canWrite ? void disk.written.push(batch.timesMs[0] ?? 0) : fail()),
      close: async () => {},
    },
    engine: {
      async sync() {
        if (!disk.canSync) {
          // What the system does: the pages are gone, and the next sync knows nothing of them.
          disk.written = []
          fail()
        }
        disk.safe.push(...disk.written.splice(0))
      },
    },
    fsync,
    clock,
    log: silentLog,
    metrics: new OwnMetrics(layout, buffer),
  })
  const own = (slot: string) => readOwnMetrics(layout, [buffer]).get(slot)
  return { writer, disk, clock, own }
}

const flushOf = (timestampMs: number, values = 1): FlushBatch => ({
  timestampMs,
  intervalMs: 10_000,
  series: [],
  values: new Float64Array(values),
  metricCounts: { counter: 0, gauge: 0, timer: 0, set: 0 },
})
const pointsOf = (timeMs: number): PointBatch => ({
  kind: 'number',
  series: [],
  timesMs: Float64Array.of(timeMs),
  values: Float64Array.of(1),
})

test('a flush is durable when it resolves, points are within a second', async () => {
  const { writer, disk, clock } = createDisk()
  await writer.flush(flushOf(10_000))
  expect(disk.safe).toEqual([10_000])
  await writer.points(pointsOf(11))
  expect(disk.safe).toEqual([10_000])
  clock.advance(1_000)
  await nextEventLoopTurn()
  expect(disk.safe).toEqual([10_000, 11])
})

test('always: points are durable when they resolve', async () => {
  const { writer, disk } = createDisk('always')
  await writer.points(pointsOf(11))
  expect(disk.safe).toEqual([11])
})

test('off: nothing is synced, until it is turned on again', async () => {
  const { writer, disk, clock } = createDisk('off')
  await writer.flush(flushOf(10_000))
  await writer.points(pointsOf(11))
  clock.advance(60_000)
  await nextEventLoopTurn()
  expect(disk).toMatchObject({ written: [10_000, 11], safe: [] })
  writer.setFsync('1s')
  await writer.flush(flushOf(20_000))
  expect(disk.safe).toEqual([10_000, 11, 20_000])
})

test('off: what cannot be written is tried again all the same', async () => {
  const { writer, disk, clock } = createDisk('off')
  disk.canWrite = false
  await writer.points(pointsOf(11))
  disk.canWrite = true
  clock.advance(1_000)
  await nextEventLoopTurn()
  expect(disk.written).toEqual([11])
})

test('what cannot be written waits, and goes in order with the next batch', async () => {
  const { writer, disk, own } = createDisk()
  disk.canWrite = false
  await writer.flush(flushOf(10_000))
  await writer.points(pointsOf(15_000))
  expect(disk.safe).toEqual([])
  disk.canWrite = true
  await writer.flush(flushOf(20_000))
  expect(disk.safe).toEqual([10_000, 15_000, 20_000])
  expect(own('kymo_store_failures_total')).toBe(2)
  expect(own('kymo_stored_points_total')).toBe(3)
})

test('a sync that fails: what it left unsafe is written again', async () => {
  const { writer, disk, clock } = createDisk()
  disk.canSync = false
  await writer.flush(flushOf(10_000))
  await writer.points(pointsOf(15_000))
  expect(disk.safe).toEqual([])
  disk.canSync = true
  clock.advance(1_000)
  await nextEventLoopTurn()
  expect(disk.safe).toEqual([10_000, 15_000])
})

test('a stop tries once more and counts what is lost', async () => {
  const { writer, disk, own } = createDisk()
  disk.canWrite = false
  await writer.flush(flushOf(10_000, 3))
  await writer.close()
  expect(own('kymo_dropped_points_total{sink="store",reason="stopped"}')).toBe(3)
})

test('a disk that never takes anything: memory is bounded, the oldest go first and are counted', async () => {
  const { writer, disk, own } = createDisk()
  disk.canWrite = false
  for (let second = 1; second <= 7; second++) await writer.flush(flushOf(second, 1_000_000))
  expect(own('kymo_dropped_points_total{sink="store",reason="queue_full"}')).toBe(2_000_000)
  disk.canWrite = true
  await writer.flush(flushOf(8))
  expect(disk.safe).toEqual([3, 4, 5, 6, 7, 8])
})
