import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { DiskRoom } from './disk-room.ts'

const GB = 1e9

test.each([
  // A hundredth of the file system, or 100 MB if that is more.
  ['auto', 1_000 * GB, 10 * GB, true],
  ['auto', 1_000 * GB, 10 * GB - 1, false],
  ['auto', GB, 100_000_000, true],
  ['auto', GB, 99_999_999, false],
  [0, GB, 0, true],
  [5_000, GB, 4_999, false],
  // A file system that does not say how large it is.
  ['auto', 0, 0, true],
] as const)(
  'reserved %s of %d bytes: %d free are enough: %s',
  (reservedBytes, totalBytes, freeBytes, isEnough) => {
    const measure = () => ({ totalBytes, freeBytes })
    const room = new DiskRoom({ path: '/data', reservedBytes, clock: new FakeClock(), measure })
    expect(room.lack() === undefined).toBe(isEnough)
  },
)

test('what is missing is said with the path and both numbers', () => {
  const measure = () => ({ totalBytes: GB, freeBytes: 12_345_678 })
  const room = new DiskRoom({ path: '/data', reservedBytes: 'auto', clock: new FakeClock(), measure })
  expect(room.lack()).toMatchObject({ code: 'disk-reserved', exitCode: 7 })
  expect(room.lack()?.message).toBe(
    'The disk that holds "/data" has 12.3 MB left, and Kymo leaves 100.0 MB free.',
  )
})

test('of a directory that is yet to be made, the one above it counts', () => {
  const asked: string[] = []
  const measure = (path: string) => {
    asked.push(path)
    if (path !== '/data') throw Object.assign(new Error('no such directory'), { code: 'ENOENT' })
    return { totalBytes: GB, freeBytes: 0 }
  }
  const room = new DiskRoom({ path: '/data/a/b', reservedBytes: 'auto', clock: new FakeClock(), measure })
  expect(room.lack()?.code).toBe('disk-reserved')
  expect(asked).toEqual(['/data/a/b', '/data/a', '/data'])
})

test('another reserve counts at once', () => {
  const measure = () => ({ totalBytes: GB, freeBytes: 1_000 })
  const room = new DiskRoom({ path: '/data', reservedBytes: 'auto', clock: new FakeClock(), measure })
  expect(room.lack()?.code).toBe('disk-reserved')
  room.setReserve(500)
  expect(room.lack()).toBeUndefined()
})
