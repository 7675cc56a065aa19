import type { FileBytes } from './file-bytes.ts'
import { type PlacedArchive, POINT_BYTES } from './header.ts'

/**
 * An archive is a ring of slots. The time in its first slot, whatever it is, says where all others are: the slot of a time lies as
 * many steps behind it, modulo the ring. A slot that holds another time than its own is one of an earlier round, and no
 * point. While the first slot holds 0 the ring is empty, and what is written first goes there.
 */
export interface Ring {
  readonly archive: PlacedArchive
  readonly file: FileBytes
}

/** Time of the first slot; 0: the ring is empty. */
export function baseSecondsOf({ archive, file }: Ring): number {
  return viewOf(file.read(archive.offsetBytes, POINT_BYTES)).getUint32(0)
}

/** Which slot of a ring that begins with `baseSeconds` is that of the time. */
export function slotOf({ stepSeconds, points }: PlacedArchive, baseSeconds: number, seconds: number): number {
  const distance = Math.floor((seconds - baseSeconds) / stepSeconds)
  return ((distance % points) + points) % points
}

/** The times and values of the points there are, in columns that may be longer than `count`. */
export interface RingPoints {
  readonly count: number
  readonly seconds: Float64Array
  readonly values: Float64Array
}

/** Columns for points, used again and again by who reads many rings. */
export class RingRoom {
  seconds = new Float64Array(0)
  values = new Float64Array(0)

  holdAtLeast(points: number): void {
    if (this.values.length >= points) return
    this.seconds = new Float64Array(points)
    this.values = new Float64Array(points)
  }
}

/**
 * Points whose slots begin at `startSeconds` or later and before `endSeconds`, both multiples of the step, ascending in time. Values that
 * are not numbers are left out. Reads in pieces: a ring can be gigabytes large. The columns are those of `room`.
 */
export function readRing(
  ring: Ring,
  startSeconds: number,
  endSeconds: number,
  room = new RingRoom(),
): RingPoints {
  const { archive, file } = ring
  const { stepSeconds, points, offsetBytes } = archive
  const baseSeconds = baseSecondsOf(ring)
  // A ring holds one round. Before it, there can be nothing.
  const firstSeconds = Math.max(startSeconds, endSeconds - points * stepSeconds)
  const slots = Math.max(0, (endSeconds - firstSeconds) / stepSeconds)
  if (baseSeconds === 0 || slots === 0) return { count: 0, seconds: room.seconds, values: room.values }
  room.holdAtLeast(slots)
  const { seconds, values } = room
  let count = 0
  let slot = slotOf(archive, baseSeconds, firstSeconds)
  let expected = firstSeconds
  for (let left = slots; left > 0; ) {
    const length = Math.min(left, points - slot, SLOTS_PER_READ)
    const bytes = file.read(offsetBytes + slot * POINT_BYTES, length * POINT_BYTES)
    const view = viewOf(bytes)
    const end = Math.floor(bytes.length / POINT_BYTES) * POINT_BYTES
    for (let at = 0; at < end; at += POINT_BYTES, expected += stepSeconds) {
      if (view.getUint32(at) !== expected) continue
      const value = view.getFloat64(at + 4)
      // Infinite less itself is no number either.
      if (value - value !== 0) continue
      seconds[count] = expected
      values[count++] = value
    }
    // The file became shorter while it was read.
    if (end < length * POINT_BYTES) break
    left -= length
    slot = (slot + length) % points
  }
  return { count, seconds, values }
}

/** Times in the slot's own step. The first point of an empty ring goes into its first slot. */
export function writeRing(ring: Ring, points: readonly SlotPoint[]): void {
  const { archive, file } = ring
  const baseSeconds = baseSecondsOf(ring) || (points[0]?.seconds ?? 0)
  for (const { seconds, value } of points) {
    const bytes = new Uint8Array(POINT_BYTES)
    const view = viewOf(bytes)
    view.setUint32(0, seconds)
    view.setFloat64(4, value)
    file.write(archive.offsetBytes + slotOf(archive, baseSeconds, seconds) * POINT_BYTES, bytes)
  }
}

export interface SlotPoint {
  readonly seconds: number
  readonly value: number
}

const SLOTS_PER_READ = 262_144

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
