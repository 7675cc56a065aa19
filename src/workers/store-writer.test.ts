import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { nextEventLoopTurn } from '../lib/clock.ts'
import type { FlushBatch } from '../model/flush-batch.ts'
import type { IndexedPoints } from '../model/point.ts'
import { KymoError, type SerializedError } from '../telemetry/errors.ts'
import { createLineLog } from '../telemetry/log.ts'
import { allocateOwnMetrics, layoutOwnMetrics, OwnMetrics, readOwnMetrics } from '../telemetry/own-metrics.ts'
import { DiskRoom } from './disk-room.ts'
import { StoreOutage } from './store-outage.ts'
import { StoreWriter, type Fsync } from './store-writer.ts'

const layout = layoutOwnMetrics({ listener: [], sink: ['store'], thread: [] })

/** A disk that can be told to fail: what is written is safe only once it was synced. */
function createDisk(fsync: Fsync = '1s') {
  const buffer = allocateOwnMetrics(layout)
  const clock = new FakeClock()
  const disk = {
    canWrite: true,
    canSync: true,
    /** What the system says when it does not. */
    systemCode: 'EIO',
    freeBytes: 1e12,
    written: [] as number[],
    safe: [] as number[],
  }
  const problems: (string | null)[] = []
  const lines: string[] = []
  const log = createLineLog({
    level: 'info',
    write: (line) => void lines.push((JSON.parse(line) as { msg: string }).msg),
  })
  const fail = () => {
    const cause = Object.assign(new Error('told to'), { code: disk.systemCode })
    throw new KymoError('store-write-failed', { path: '/disk', reason: 'told to' }, { cause })
  }
  const writer = new StoreWriter({
    sink: {
      flush: async (batch) => (disk.canWrite ? void disk.written.push(batch.timestampMs) : fail()),
      points: (batch) => (disk.canWrite ? void disk.written.push(batch.timesMs[0] ?? 0) : fail()),
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
    room: new DiskRoom({
      path: '/disk',
      reservedBytes: 'auto',
      clock,
      measure: () => ({ totalBytes: 1e12, freeBytes: disk.freeBytes }),
    }),
    outage: new StoreOutage({
      clock,
      log,
      onChange: (problem: SerializedError | null) => problems.push(problem?.code ?? null),
    }),
    clock,
    metrics: new OwnMetrics(layout, buffer),
  })
  const own = (slot: string) => readOwnMetrics(layout, [buffer]).get(slot)
  return { writer, disk, clock, own, problems, lines }
}

const flushOf = (timestampMs: number, values = 1): FlushBatch => ({
  timestampMs,
  intervalMs: 10_000,
  series: [],
  values: new Float64Array(values),
  metricCounts: { counter: 0, gauge: 0, timer: 0, set: 0 },
})
const pointsOf = (timeMs: number): IndexedPoints => ({
  kind: 'indexed',
  series: [],
  rows: new Uint32Array(1),
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

test('who changes the store alone has it between two flushes', async () => {
  const { writer, disk } = createDisk()
  const seen: number[][] = []
  const first = writer.flush(flushOf(10_000))
  const alone = writer.alone(async () => {
    seen.push([...disk.safe])
    await nextEventLoopTurn()
    seen.push([...disk.safe])
    return 'done'
  })
  const failing = writer.alone(() => Promise.reject(new Error('told to')))
  const second = writer.flush(flushOf(20_000))
  await expect(failing).rejects.toThrow('told to')
  expect(await alone).toBe('done')
  await Promise.all([first, second])
  expect(seen).toEqual([[10_000], [10_000]])
  expect(disk.safe).toEqual([10_000, 20_000])
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

test('a disk with no more than the reserve: points wait and are shown, one line is logged; with room again they are written', async () => {
  const { writer, disk, clock, own, problems, lines } = createDisk()
  disk.freeBytes = 9_999_000_000
  await writer.flush(flushOf(10_000, 3))
  await writer.points(pointsOf(15_000))
  expect(disk.written).toEqual([])
  expect(own('kymo_queue_points{sink="store"}')).toBe(4)
  // A little more is not enough, or it would stop again at once.
  disk.freeBytes = 10_500_000_000
  clock.advance(1_000)
  await nextEventLoopTurn()
  expect(disk.safe).toEqual([])
  disk.freeBytes = 11_000_000_000
  clock.advance(1_000)
  await nextEventLoopTurn()
  expect(disk.safe).toEqual([10_000, 15_000])
  expect(own('kymo_queue_points{sink="store"}')).toBe(0)
  expect(own('kymo_store_failures_total')).toBe(0)
  expect(problems).toEqual(['disk-reserved', null])
  expect(lines).toEqual(['the store takes nothing; points wait in memory', 'the store takes points again'])
})

test('the disk is measured once a second, not for each batch', async () => {
  const { writer, disk, clock } = createDisk()
  await writer.flush(flushOf(10_000))
  disk.freeBytes = 0
  await writer.flush(flushOf(20_000))
  expect(disk.safe).toEqual([10_000, 20_000])
  clock.advance(1_000)
  await writer.flush(flushOf(30_000))
  expect(disk.safe).toEqual([10_000, 20_000])
})

test.each([
  ['ENOSPC', 'disk-full'],
  ['EDQUOT', 'disk-full'],
  ['EIO', 'store-write-failed'],
])('%s while writing is the problem %s, told once, until everything is safe', async (systemCode, code) => {
  const { writer, disk, problems, lines } = createDisk()
  Object.assign(disk, { canWrite: false, systemCode })
  for (const timeMs of [10_000, 20_000, 30_000]) await writer.flush(flushOf(timeMs))
  expect(problems).toEqual([code])
  Object.assign(disk, { canWrite: true, canSync: false })
  await writer.flush(flushOf(40_000))
  expect(problems).toEqual([code])
  disk.canSync = true
  await writer.flush(flushOf(50_000))
  expect(disk.safe).toEqual([10_000, 20_000, 30_000, 40_000, 50_000])
  expect(problems).toEqual([code, null])
  expect(lines).toHaveLength(2)
})

test('a stop writes what waits into the reserve', async () => {
  const { writer, disk, own } = createDisk()
  disk.freeBytes = 1_000
  await writer.flush(flushOf(10_000, 3))
  expect(disk.safe).toEqual([])
  await writer.close()
  expect(disk.safe).toEqual([10_000])
  expect(own('kymo_dropped_points_total{sink="store",reason="stopped"}')).toBe(0)
})

test('points of the past are durable when they are settled, and do not wait', async () => {
  const { writer, disk, own } = createDisk()
  await writer.past(() => void disk.written.push(1), 3)
  expect(disk.safe).toEqual([])
  await writer.settlePast()
  expect(disk.safe).toEqual([1])
  expect(own('kymo_stored_points_total')).toBe(3)
  disk.canWrite = false
  await writer.points(pointsOf(11))
  await expect(writer.past(() => void disk.written.push(2), 1)).rejects.toThrow('told to')
  expect(disk.written).toEqual([])
  disk.freeBytes = 0
  await expect(writer.past(() => void disk.written.push(2), 1)).rejects.toThrow()
})

test('a write of the past that fails is told, and nothing else waits for it', async () => {
  const { writer, disk } = createDisk()
  await expect(
    writer.past(() => {
      throw new Error('told to')
    }, 1),
  ).rejects.toThrow('told to')
  await writer.flush(flushOf(10_000))
  expect(disk.safe).toEqual([10_000])
})

test('points of the past that a sync of something else has lost are not called durable', async () => {
  const { writer, disk } = createDisk()
  await writer.past(() => void disk.written.push(1), 1)
  disk.canSync = false
  await writer.flush(flushOf(10_000))
  disk.canSync = true
  await expect(writer.settlePast()).rejects.toThrow('send it again')
  await writer.past(() => void disk.written.push(1), 1)
  await writer.settlePast()
  expect(disk.safe).toEqual([10_000, 1])
})

test('off: points of the past are settled all the same', async () => {
  const { writer, disk } = createDisk('off')
  await writer.past(() => void disk.written.push(1), 1)
  await writer.settlePast()
  expect(disk.safe).toEqual([1])
})
