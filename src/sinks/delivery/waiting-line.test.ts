import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { gaugesOf } from '../testdata/batches.ts'
import {
  FaultyDisk,
  FullDisk,
  openSpool,
  removeSpoolDirectories,
  spoolDirectory,
  takeFrom,
  totalOf,
} from '../testdata/spool-world.ts'
import { type Parcel, pointsOf } from './queue.ts'
import type { SpoolFiles } from './spool/spool-files.ts'
import { WaitingLine } from './waiting-line.ts'

let path: string
let dropped: number

beforeEach(() => {
  path = spoolDirectory()
  dropped = 0
})
afterEach(removeSpoolDirectories)

let serial = 0
/** Like no other. */
function parcelOf(points: number): Parcel {
  serial += 1
  const names = Array.from({ length: points }, (_, index) => `m${index}`)
  return { kind: 'flush', batch: gaugesOf(names, serial * 10_000) }
}
const serialOf = (parcel: Parcel): number =>
  parcel.kind === 'flush' ? parcel.batch.timestampMs / 10_000 : -1

interface LineOptions {
  readonly limit: number
  readonly files?: SpoolFiles
  readonly limitBytes?: number
}

function open({ limit, ...options }: LineOptions): WaitingLine {
  const onDropped = (points: number) => {
    dropped += points
  }
  const line = new WaitingLine(limit, onDropped)
  line.attach(openSpool(path, { ...options, onDropped }).spool)
  return line
}

describe('what waits for a sink', () => {
  test('keeps its order while the disk cannot be read for now', () => {
    const disk = new FaultyDisk('EMFILE')
    const line = open({ limit: 10, files: disk.files })
    const parcels = Array.from({ length: 6 }, () => parcelOf(4))
    for (const parcel of parcels.slice(0, 4)) line.push(parcel)
    expect(takeFrom(line, 2)).toEqual(parcels.slice(0, 2))
    disk.isFaulty = (call) => call === 'openSync' || call === 'writeSync'
    expect(line.hold()).toBeUndefined()
    for (const parcel of parcels.slice(4)) line.push(parcel)
    expect([line.hold(), line.points]).toEqual([undefined, 16])
    disk.isFaulty = () => false
    expect(takeFrom(line)).toEqual(parcels.slice(2))
    expect([line.points, line.spoolBytes, dropped]).toEqual([0, 0, 0])
  })

  test('is in memory as long as it fits, then on disk, and comes in order', () => {
    const line = open({ limit: 10 })
    const parcels = Array.from({ length: 8 }, () => parcelOf(4))
    for (const parcel of parcels.slice(0, 2)) line.push(parcel)
    expect(line.spoolBytes).toBe(0)
    for (const parcel of parcels.slice(2)) line.push(parcel)
    expect(line.spoolBytes).toBeGreaterThan(0)
    expect(line.points).toBe(32)
    expect(takeFrom(line)).toEqual(parcels)
    expect([line.points, line.spoolBytes, dropped]).toEqual([0, 0, 0])
    line.push(parcelOf(4))
    expect(line.spoolBytes).toBe(0)
  })

  test('stays behind what is on disk, although memory has room again', () => {
    const line = open({ limit: 10 })
    const parcels = Array.from({ length: 6 }, () => parcelOf(5))
    for (const parcel of parcels) line.push(parcel)
    const taken = takeFrom(line, 3)
    const later = parcelOf(1)
    line.push(later)
    expect([...taken, ...takeFrom(line)]).toEqual([...parcels, later])
  })

  test('comes after what another process left', () => {
    const first = open({ limit: 4 })
    const left = Array.from({ length: 3 }, () => parcelOf(3))
    for (const parcel of left) first.push(parcel)
    expect(first.park()).toBe(0)
    const second = new WaitingLine(4, () => {})
    const early = [parcelOf(2), parcelOf(1)]
    for (const parcel of early) second.push(parcel)
    second.attach(openSpool(path).spool)
    expect(takeFrom(second)).toEqual([...left, ...early])
  })

  test('is kept on disk at the end, what was being sent included', () => {
    const line = open({ limit: 100 })
    const parcels = Array.from({ length: 5 }, () => parcelOf(3))
    for (const parcel of parcels) line.push(parcel)
    line.hold()
    expect(line.park()).toBe(0)
    expect(takeFrom(open({ limit: 100 }))).toEqual(parcels)
  })

  test('is lost at the end if there is no spool', () => {
    const line = new WaitingLine(100, () => {})
    line.push(parcelOf(3))
    line.hold()
    line.push(parcelOf(4))
    expect(line.park()).toBe(7)
    expect(line.points).toBe(0)
  })

  test('waits in memory while the disk is full, and the oldest make room', () => {
    const disk = new FullDisk(0)
    const line = open({ limit: 10, files: disk.files })
    const parcels = Array.from({ length: 6 }, () => parcelOf(4))
    for (const parcel of parcels) line.push(parcel)
    expect([line.points, dropped]).toEqual([8, 16])
    disk.roomBytes = 1_000_000
    const later = parcelOf(4)
    line.push(later)
    expect(line.spoolBytes).toBeGreaterThan(0)
    expect(takeFrom(line)).toEqual([...parcels.slice(4), later])
    expect(dropped).toBe(16)
  })
})

test('nothing is lost uncounted, and nothing overtakes, whatever the disk and the sink do', () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ push: fc.nat(40) }) },
    { weight: 3, arbitrary: fc.constant('send' as const) },
    { weight: 2, arbitrary: fc.constant('hold' as const) },
    { weight: 1, arbitrary: fc.constant('fail' as const) },
    { weight: 1, arbitrary: fc.record({ room: fc.constantFrom(0, 300, 2_000, 1_000_000) }) },
    { weight: 1, arbitrary: fc.constant('restart' as const) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      path = spoolDirectory()
      dropped = 0
      const disk = new FullDisk(1_000_000)
      const options = { limit: 60, files: disk.files, limitBytes: 70_000 }
      let line = open(options)
      let given = 0
      let sent = 0
      let last = 0
      let held: Parcel | undefined
      const take = (parcel: Parcel): void => {
        expect(serialOf(parcel)).toBeGreaterThan(last)
        last = serialOf(parcel)
        sent += pointsOf(parcel)
        line.remove()
        held = undefined
      }
      for (const action of steps) {
        if (action === 'send') {
          const parcel = held ?? line.hold()
          if (parcel !== undefined) take(parcel)
        } else if (action === 'hold') held = line.hold()
        else if (action === 'fail') {
          if (held !== undefined) line.release()
          held = undefined
        } else if (action === 'restart') {
          dropped += line.park()
          held = undefined
          line = open(options)
        } else if ('room' in action) disk.roomBytes = action.room
        else {
          given += action.push
          line.push(parcelOf(action.push))
        }
        expect(sent + dropped + line.points).toBe(given)
      }
      if (held !== undefined) take(held)
      const rest = takeFrom(line)
      const serials = rest.map(serialOf)
      expect(serials).toEqual(serials.toSorted((a, b) => a - b))
      expect(serials.every((one) => one > last)).toBe(true)
      expect(sent + dropped + totalOf(rest)).toBe(given)
    }),
    { numRuns: 100 },
  )
})
