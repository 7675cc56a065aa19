import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { retentionSecondsOf } from '../../formats/whisper/archive.ts'
import { slotBehind } from '../../formats/whisper/fetch.ts'
import { bytesOfDescriptor } from '../../formats/whisper/file-bytes.ts'
import { decodeHeader, MOST_HEADER_BYTES, type WhisperHeader } from '../../formats/whisper/header.ts'
import { readRing, RingRoom } from '../../formats/whisper/ring.ts'
import type { WhisperFile } from '../../formats/whisper/update.ts'
import { reasonOf } from '../../telemetry/errors.ts'

export interface OpenWhisper extends WhisperFile {
  readonly bytes: number
  close(): void
}

/** Opens a file and reads its header. What is wrong with it is said in words: in a tree of a million files some are broken. */
export function openWhisper(path: string): OpenWhisper | { readonly problem: string } {
  let descriptor: number
  try {
    // What was no link a moment ago may be one now, or a pipe that nobody writes to.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    return { problem: reasonOf(error) }
  }
  try {
    const stats = fstatSync(descriptor)
    if (!stats.isFile()) throw new Error('it is no file')
    const file = bytesOfDescriptor(descriptor)
    const header = decodeHeader(file.read(0, Math.min(stats.size, MOST_HEADER_BYTES)), stats.size)
    if (!('problem' in header)) return { header, file, bytes: stats.size, close: () => closeSync(descriptor) }
    closeSync(descriptor)
    return header
  } catch (error) {
    closeSync(descriptor)
    return { problem: reasonOf(error) }
  }
}

export interface WhisperPoints {
  readonly stepSeconds: number
  readonly count: number
  /** In seconds, ascending. */
  readonly seconds: Float64Array
  readonly values: Float64Array
}

/** Slots that are read at once, so that no file takes much memory. */
const SLOTS_PER_PIECE = 262_144

/**
 * All that whisper would show of a file at a moment, oldest first: of each archive what is older than the finer ones reach.
 *
 *   1 h  |--------------------------|
 *   1 min                            |-----------|
 *   10 s                                          |------| now
 *
 * Each piece is valid until the next: its columns are those of `room`, which may be used for the next file, too.
 */
export function* readWhisper(
  { header, file }: WhisperFile,
  nowSeconds: number,
  room = new RingRoom(),
): Generator<WhisperPoints> {
  const endSeconds = nowSeconds + 1
  for (const { archive, startSeconds, beforeSeconds } of partsOf(header, nowSeconds, endSeconds).reverse()) {
    const { stepSeconds } = archive
    for (let start = startSeconds; start < beforeSeconds; start += SLOTS_PER_PIECE * stepSeconds) {
      const slots = Math.min(SLOTS_PER_PIECE, Math.ceil((beforeSeconds - start) / stepSeconds))
      const points = readRing({ archive, file }, start, start + slots * stepSeconds, room)
      if (points.count > 0) yield { stepSeconds, ...points }
    }
  }
}

interface Part {
  readonly archive: WhisperHeader['archives'][number]
  /** A multiple of the step. */
  readonly startSeconds: number
  /** Slots begin before this. */
  readonly beforeSeconds: number
}

/** Finest first. */
function partsOf({ archives }: WhisperHeader, nowSeconds: number, endSeconds: number): Part[] {
  const parts: Part[] = []
  let beforeSeconds = endSeconds
  for (const archive of archives) {
    const startSeconds = Math.max(
      0,
      slotBehind(nowSeconds - retentionSecondsOf(archive), archive.stepSeconds),
    )
    if (startSeconds >= beforeSeconds) continue
    parts.push({ archive, startSeconds, beforeSeconds })
    beforeSeconds = startSeconds
  }
  return parts
}
