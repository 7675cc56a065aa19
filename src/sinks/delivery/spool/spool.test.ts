import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runs } from '../../../../test/harness/runs.ts'
import type { SeriesIdentity } from '../../../model/series-identity.ts'
import type { Log } from '../../../telemetry/log.ts'
import { eventsOf, flushBatchOf, gaugesOf, HOSTILE_NAMES, pointBatchOf } from '../../testdata/batches.ts'
import {
  FaultyDisk,
  FullDisk,
  openSpool,
  removeSpoolDirectories,
  spoolDirectory,
  takeFrom,
  totalOf,
} from '../../testdata/spool-world.ts'
import { type Parcel, pointsOf } from '../queue.ts'

let path: string

beforeEach(() => {
  path = spoolDirectory()
})
afterEach(removeSpoolDirectories)

const flushOf = (names: readonly string[], timestampMs?: number): Parcel => ({
  kind: 'flush',
  batch: gaugesOf(names, timestampMs),
})
const PARCELS: readonly Parcel[] = [
  flushOf(['a', 'b;k=v']),
  { kind: 'points', batch: pointBatchOf(['c', 'a', 'c']) },
  { kind: 'events', batch: eventsOf(['deploy']) },
  flushOf([]),
  flushOf(HOSTILE_NAMES),
  {
    kind: 'flush',
    batch: {
      ...flushBatchOf([
        { metricKey: 't', type: 'timer', statistic: 'upper', percentile: 99.9, value: Number.NaN },
        { metricKey: 't', type: 'timer', statistic: 'mean', percentile: -10, value: -0 },
        { metricKey: 'c', type: 'counter', statistic: 'count', value: Number.NEGATIVE_INFINITY },
      ]),
      details: {
        timers: [
          {
            metricKey: 't',
            kind: 'timing',
            values: Float64Array.of(9, 1, 2, 9).subarray(1, 3),
            weights: Float64Array.of(1, 10),
          },
        ],
        sets: [{ metricKey: 's', members: ['x', 'y\n'] }],
      },
    },
  },
]
const segmentsIn = (directory: string): string[] =>
  readdirSync(directory).filter((name) => name.endsWith('.spool'))

/** Names as long as they are, values as they come: counters, gauges with two decimals, times. */
function realisticFlush(flush: number, series: readonly SeriesIdentity[]): Parcel {
  const batch = gaugesOf([], 1_700_000_000_000 + flush * 10_000)
  const values = Float64Array.from(series, (_, index) => {
    const noise = Math.sin(index * 7.13 + flush * 1.7) * Math.sin(index * 0.31 + flush * 0.11)
    switch (index % 4) {
      case 0:
        return Math.round(1_000 * (noise + 1))
      case 1:
        return Math.round(1_000 * (noise + 1)) / 10
      case 2:
        return Math.round(100_000 * noise) / 100
      default:
        return 3 + noise * 40
    }
  })
  return { kind: 'flush', batch: { ...batch, series, values } }
}

describe('a spool', () => {
  test('gives back what was put in, in order, and leaves nothing behind', () => {
    const { spool } = openSpool(path)
    for (const parcel of PARCELS) expect(spool.append(parcel)).toBe(true)
    expect(spool.points).toBe(totalOf(PARCELS))
    expect(takeFrom(spool)).toEqual(PARCELS)
    expect([spool.points, spool.bytes, spool.isEmpty]).toEqual([0, 0, true])
    expect(segmentsIn(path)).toEqual([])
  })

  test('gives back what another process left, the half that it had not delivered', () => {
    const before = openSpool(path).spool
    for (const parcel of PARCELS) before.append(parcel)
    takeFrom(before, 4)
    // Not closed: as when the process is killed.
    const { spool } = openSpool(path)
    expect(spool.points).toBe(totalOf(PARCELS.slice(4)))
    spool.append(flushOf(['new']))
    expect(takeFrom(spool)).toEqual([...PARCELS.slice(4), flushOf(['new'])])
    expect(segmentsIn(path)).toEqual([])
  })

  test('is not misled by where a segment that is gone was read up to', () => {
    const first = openSpool(path).spool
    first.append(flushOf(['a']))
    first.append(flushOf(['b']))
    takeFrom(first, 1)
    takeFrom(first, 1)
    first.close()
    const second = openSpool(path).spool
    second.putFront([flushOf(['c']), flushOf(['d'])])
    second.append(flushOf(['e']))
    second.close()
    expect(takeFrom(openSpool(path).spool)).toEqual([flushOf(['c']), flushOf(['d']), flushOf(['e'])])
  })

  test('has the same objects for the same series, also across files', () => {
    const { spool } = openSpool(path, { limitBytes: 2 ** 30 })
    const { series } = gaugesOf(Array.from({ length: 20_000 }, (_, index) => `m${index}`))
    const batch = gaugesOf([])
    const values = new Float64Array(series.length)
    spool.append({ kind: 'flush', batch: { ...batch, series, values } })
    spool.append({ kind: 'flush', batch: { ...batch, series, values } })
    // Another file.
    spool.close()
    const next = openSpool(path).spool
    next.append({ kind: 'flush', batch: { ...batch, series, values } })
    const [first, second, third] = takeFrom(next).map((parcel) =>
      parcel.kind === 'events' ? [] : parcel.batch.series,
    )
    expect(
      first?.every((identity, index) => identity === second?.[index] && identity === third?.[index]),
    ).toBe(true)
  })

  test('takes at most 10 bytes a point of 10,000 series', () => {
    const { spool } = openSpool(path)
    const { series } = gaugesOf(
      Array.from(
        { length: 10_000 },
        (_, index) => `production.web${index % 40}.http.route_${index >> 3}.latency`,
      ),
    )
    for (let flush = 0; flush < 20; flush++) spool.append(realisticFlush(flush, series))
    expect(spool.points).toBe(200_000)
    expect(spool.bytes / spool.points).toBeLessThan(10)
    expect(totalOf(takeFrom(spool))).toBe(200_000)
  })

  test('drops the oldest beyond its limit, a file at a time, and counts them', () => {
    const { spool, dropped } = openSpool(path, { limitBytes: 300_000 })
    const { series } = gaugesOf(Array.from({ length: 1_000 }, (_, index) => `m${index}`))
    const parcels = Array.from({ length: 200 }, (_, flush) => realisticFlush(flush, series))
    for (const parcel of parcels) {
      spool.append(parcel)
      expect(spool.bytes).toBeLessThan(300_000 + 20_000)
    }
    expect(dropped.queue_full).toBeGreaterThan(100_000)
    expect(spool.points + dropped.queue_full).toBe(200_000)
    const taken = takeFrom(spool)
    expect(taken).toEqual(parcels.slice(-taken.length))
  })

  test('spares what is being sent, which is counted when it has been', () => {
    const { spool, dropped } = openSpool(path, { limitBytes: 200_000 })
    const { series } = gaugesOf(Array.from({ length: 1_000 }, (_, index) => `m${index}`))
    spool.append(realisticFlush(0, series))
    spool.hold()
    for (let flush = 1; flush < 100; flush++) spool.append(realisticFlush(flush, series))
    expect(spool.points + dropped.queue_full).toBe(100_000)
    spool.remove()
    expect(spool.points + dropped.queue_full).toBe(99_000)
  })

  test('of which nothing is held makes room for what is first, too', () => {
    const { spool, dropped } = openSpool(path, { limitBytes: 200_000 })
    const { series } = gaugesOf(Array.from({ length: 1_000 }, (_, index) => `m${index}`))
    spool.append(realisticFlush(0, series))
    spool.hold()
    spool.release()
    for (let flush = 1; flush < 100; flush++) spool.append(realisticFlush(flush, series))
    expect(spool.points + dropped.queue_full).toBe(100_000)
    expect(totalOf(takeFrom(spool)) + dropped.queue_full).toBe(100_000)
  })
})

describe('a disk', () => {
  test('that is full takes nothing, is said once, and takes the next when it has room', () => {
    const lines: unknown[] = []
    const log = { error: (fields: unknown) => void lines.push(fields), warn() {} } as unknown as Log
    const disk = new FullDisk(1_000)
    const { spool } = openSpool(path, { files: disk.files, log })
    const names = Array.from({ length: 500 }, (_, index) => `m${index}`)
    const outcomes = Array.from({ length: 5 }, () => spool.append(flushOf(names)))
    expect(outcomes).toEqual([false, false, false, false, false])
    expect(lines).toMatchObject([{ sink: 'test', reason: 'ENOSPC: no space left on device' }])
    expect([spool.points, spool.isEmpty]).toEqual([0, true])
    disk.roomBytes = 1_000_000
    expect(spool.append(flushOf(names))).toBe(true)
    expect(takeFrom(spool)).toEqual([flushOf(names)])
  })

  test('that is full in the middle loses nothing of what it took', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000 }), (roomBytes) => {
        const directory = spoolDirectory()
        const disk = new FullDisk(roomBytes)
        const { spool } = openSpool(directory, { files: disk.files })
        const taken = PARCELS.filter((parcel) => spool.append(parcel))
        disk.roomBytes = 1_000_000
        const later = flushOf(['later', 'a'])
        expect(spool.append(later)).toBe(true)
        expect(takeFrom(openSpool(directory).spool)).toEqual([...taken, later])
      }),
      { numRuns: runs(60) },
    )
  })

  test('that has only what is reserved is not written to', () => {
    const { spool } = openSpool(path, { lack: () => new Error('reserved') as never })
    expect(spool.append(flushOf(['a']))).toBe(false)
    expect(segmentsIn(path)).toEqual([])
  })
})

describe('a disk with errors', () => {
  const names = Array.from({ length: 300 }, (_, index) => `m${index}`)
  const told: { reason: string }[] = []
  const log = { error: (fields: { reason: string }) => void told.push(fields), warn() {} } as unknown as Log
  beforeEach(() => void told.splice(0))

  test.each(['openSync', 'writeSync'] as const)('that does not take it (%s) is said once', (call) => {
    const disk = new FaultyDisk()
    const { spool } = openSpool(path, { files: disk.files, log })
    expect(spool.append(flushOf(['before']))).toBe(true)
    spool.close()
    const again = openSpool(path, { files: disk.files, log }).spool
    disk.isFaulty = (each) => each === call
    expect([again.append(flushOf(names)), again.append(flushOf(names))]).toEqual([false, false])
    expect(told).toMatchObject([{ sink: 'test', reason: `EIO: i/o error, ${call}` }])
    disk.isFaulty = () => false
    expect(again.append(flushOf(['after']))).toBe(true)
    expect(takeFrom(again)).toEqual([flushOf(['before']), flushOf(['after'])])
  })

  test('that gives nothing back loses what is in the file, counted, and goes on with the next', () => {
    for (const name of ['first', 'second']) {
      const { spool } = openSpool(path)
      spool.append(flushOf([name]))
      spool.close()
    }
    const disk = new FaultyDisk()
    const { spool, dropped } = openSpool(path, { files: disk.files, log })
    let failures = 0
    disk.isFaulty = (call) => call === 'readSync' && failures++ === 0
    expect(takeFrom(spool)).toEqual([flushOf(['second'])])
    expect(dropped).toEqual({ queue_full: 0, damaged: 1 })
    expect(told).toMatchObject([{ reason: 'EIO: i/o error, readSync' }])
    expect(readdirSync(path).filter((name) => name.endsWith('.bad'))).toHaveLength(1)
  })

  test.each(['EMFILE', 'ENFILE'])('or too many open files (%s) loses nothing: it is read later', (code) => {
    for (const name of ['first', 'second']) {
      const { spool } = openSpool(path)
      spool.append(flushOf([name]))
      spool.close()
    }
    const disk = new FaultyDisk(code)
    const { spool, dropped } = openSpool(path, { files: disk.files })
    disk.isFaulty = (call) => call === 'openSync'
    expect([spool.hold(), spool.hold(), spool.isEmpty]).toEqual([undefined, undefined, false])
    disk.isFaulty = () => false
    expect(takeFrom(spool)).toEqual([flushOf(['first']), flushOf(['second'])])
    expect(dropped).toEqual({ queue_full: 0, damaged: 0 })
  })

  test('whichever calls fail and when: it throws nothing, and each point is given back, lost and counted, or waits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1 }), fc.integer({ min: 1, max: 60 }), (seed, percent) => {
        let state = seed
        const random = (): number => {
          state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
          return state / 2 ** 32
        }
        const directory = spoolDirectory()
        const disk = new FaultyDisk()
        const { spool, dropped } = openSpool(directory, { files: disk.files, limitBytes: 20_000 })
        disk.isFaulty = () => random() * 100 < percent
        let given = 0
        let lastMs = 0
        let back = 0
        for (let step = 1; step <= 60; step++) {
          if (random() < 0.6) {
            if (spool.append(flushOf(names, step * 1_000))) given += names.length
            continue
          }
          const parcel = spool.hold()
          if (parcel?.kind !== 'flush') continue
          expect(parcel.batch.timestampMs).toBeGreaterThanOrEqual(lastMs)
          expect(parcel).toEqual(flushOf(names, parcel.batch.timestampMs))
          if (random() < 0.3) {
            lastMs = parcel.batch.timestampMs
            spool.release()
            continue
          }
          lastMs = parcel.batch.timestampMs + 1
          back += names.length
          spool.remove()
        }
        expect(back + dropped.damaged + dropped.queue_full + spool.points).toBe(given)
        spool.close()
      }),
      { numRuns: 40 },
    )
  })
})

describe('files that are kept as .bad', () => {
  const kept = (): string[] => readdirSync(path).filter((name) => name.endsWith('.bad'))

  /** So many damaged files, of so many bytes each. */
  function spoil(count: number, bytes: number): void {
    for (let number = 1; number <= count; number++) {
      const file = join(path, `${String(1_000_000_000 + number)}.spool`)
      writeFileSync(file, 'no segment')
      truncateSync(file, bytes)
      utimesSync(file, number, number)
    }
  }

  test.each([
    ['as many as there may be', 13, 1_000, 10, 3],
    ['as many bytes as there may be', 5, 30 * 1024 * 1024, 2, 3],
    ['one of them, however large it is', 1, 100 * 1024 * 1024, 1, 0],
  ])('are %s, the newest, and what is removed is said and counted', (_what, count, bytes, left, removed) => {
    spoil(count, bytes)
    writeFileSync(join(path, 'notes.bad'), 'mine')
    const lines: string[] = []
    const log = { error() {}, warn: (_: unknown, text: string) => void lines.push(text) } as unknown as Log
    const told = { kept: 0, removed: 0 }
    const { spool } = openSpool(path, {
      log,
      onDamaged: (now, more) => {
        told.kept = now
        told.removed += more
      },
    })
    expect(takeFrom(spool)).toEqual([])
    const names = Array.from({ length: left }, (_, index) => `${1_000_000_000 + count - index}.spool.bad`)
    expect(kept()).toEqual([...names, 'notes.bad'].toSorted())
    expect(told).toEqual({ kept: left, removed })
    expect(lines.filter((line) => line.includes('is removed'))).toHaveLength(removed)
  })

  test('and cannot be removed harm nothing', () => {
    spoil(13, 1_000)
    const disk = new FaultyDisk('EACCES')
    disk.isFaulty = (call) => call === 'unlinkSync'
    const { spool } = openSpool(path, { files: disk.files })
    expect(kept()).toHaveLength(13)
    expect(spool.append(flushOf(['a']))).toBe(true)
  })
})

describe('a file that is damaged', () => {
  const groups = [PARCELS.slice(0, 3), PARCELS.slice(3), [flushOf(['last'])]]

  /** Three files: the damage is done to the second. */
  function damage(change: (file: string, bytes: Buffer) => void): void {
    for (const group of groups) {
      const { spool } = openSpool(path)
      for (const parcel of group) spool.append(parcel)
      spool.close()
    }
    const file = join(path, segmentsIn(path)[1] ?? '')
    change(file, readFileSync(file))
  }

  test.each<[string, (file: string, bytes: Buffer) => void]>([
    ['cut off', (file, bytes) => truncateSync(file, bytes.length - 1)],
    ['cut off within a header', (file) => truncateSync(file, 30)],
    ['empty', (file) => truncateSync(file, 0)],
    ['foreign', (file) => writeFileSync(file, 'something else entirely, and longer than a header')],
    ['of another version', (file, bytes) => writeFileSync(file, bytes.fill(9, 8, 9))],
    ['followed by something else', (file) => appendFileSync(file, 'x'.repeat(1_000))],
    ['a flipped bit', (file, bytes) => writeFileSync(file, bytes.fill((bytes[100] ?? 0) ^ 1, 100, 101))],
  ])('(%s) is kept as .bad, what can be read of it is served, and so are the others', (_, change) => {
    damage(change)
    const lines: { path: string }[] = []
    const log = { error: (fields: { path: string }) => void lines.push(fields), warn() {} } as unknown as Log
    const { spool, dropped } = openSpool(path, { log })
    const waiting = spool.points
    const taken = takeFrom(spool)
    expect(taken.slice(0, 3)).toEqual(groups[0])
    expect(taken.at(-1)).toEqual(groups[2]?.[0])
    expect(groups[1]).toEqual(expect.arrayContaining(taken.slice(3, -1)))
    expect(totalOf(taken) + dropped.damaged).toBe(waiting)
    expect(lines).toHaveLength(1)
    const { path: named = '' } = lines[0] ?? {}
    expect([existsSync(named), existsSync(`${named}.bad`)]).toEqual([false, true])
  })

  test('never gives back anything but what was put in, wherever a bit flips', () => {
    const given = PARCELS.map((parcel) => JSON.stringify(parcel))
    fc.assert(
      fc.property(fc.nat(), fc.nat(7), (place, bit) => {
        path = spoolDirectory()
        damage((file, bytes) => {
          const at = place % bytes.length
          writeFileSync(file, bytes.fill((bytes[at] ?? 0) ^ (1 << bit), at, at + 1))
        })
        const { spool, dropped } = openSpool(path)
        const waiting = spool.points
        const taken = takeFrom(spool)
        expect(totalOf(taken) + dropped.damaged).toBe(waiting)
        for (const parcel of taken.slice(3, -1)) expect(given).toContain(JSON.stringify(parcel))
        expect(taken.length).toBeGreaterThanOrEqual(4)
      }),
      { numRuns: runs(100) },
    )
  })

  test('or a directory in its place, or anything else beside, is no harm', () => {
    damage(() => {})
    mkdirSync(join(path, '0999999999.spool'))
    writeFileSync(join(path, 'notes.txt'), 'mine')
    const { spool } = openSpool(path)
    expect(totalOf(takeFrom(spool))).toBe(groups.flat().reduce((sum, parcel) => sum + pointsOf(parcel), 0))
    expect(readdirSync(path)).toEqual(expect.arrayContaining(['0999999999.spool.bad', 'notes.txt']))
  })

  test('or a position that is damaged sends more twice, and loses nothing', () => {
    const first = openSpool(path).spool
    for (const parcel of PARCELS) first.append(parcel)
    takeFrom(first, 2)
    first.close()
    writeFileSync(join(path, 'position'), 'nonsense that is not a position')
    expect(takeFrom(openSpool(path).spool)).toEqual(PARCELS)
  })
})
