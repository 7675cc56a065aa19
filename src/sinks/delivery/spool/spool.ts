import { join } from 'node:path'
import { makeDirectory } from '../../../lib/make-directory.ts'
import { type KymoError, reasonOf } from '../../../telemetry/errors.ts'
import type { Log } from '../../../telemetry/log.ts'
import { type Parcel, pointsOf } from '../queue.ts'
import type { ParcelDecoder } from './parcel-codec.ts'
import {
  decodePosition,
  encodePosition,
  POSITION_BYTES,
  SEGMENT_HEADER_BYTES,
  type SpoolPosition,
} from './segment-format.ts'
import { SegmentReader, surveySegment } from './segment-reader.ts'
import { SegmentWriter } from './segment-writer.ts'
import { DamagedFiles } from './damaged-files.ts'
import { nodeSpoolFiles, readFully, type SpoolFiles, writeFully } from './spool-files.ts'

export interface SpoolOptions {
  /** Directory of this spool alone; it need not be there. */
  readonly path: string
  readonly sinkName: string
  /** How many bytes it may take. */
  readonly limitBytes: number
  readonly log: Log
  /** Why the disk may not be written to; undefined: it may. */
  readonly lack?: () => KymoError | undefined
  /** Points that were in it are lost: they had to make room, or could not be read. */
  readonly onDropped: (points: number, reason: 'queue_full' | 'damaged') => void
  /** So many damaged files are kept now, and so many were removed since it was last told. */
  readonly onDamaged?: (kept: number, removed: number) => void
  readonly files?: SpoolFiles
}

interface Segment {
  readonly number: number
  readonly path: string
  /** Of whole records, and the header. */
  bytes: number
  /** Not delivered yet. */
  points: number
  /** What was found wrong with it: its file is kept. */
  problem: string | undefined
}

/** What is read and not delivered yet. Without a segment: that had to make room meanwhile. */
interface Head {
  readonly parcel: Parcel
  readonly points: number
  readonly endOffset: number
  segment: Segment | undefined
}

/** Numbers below are for what is put in front. */
const FIRST_NUMBER = 1_000_000_000
const LARGEST_SEGMENT_BYTES = 16 * 1024 * 1024
const SMALLEST_SEGMENT_BYTES = 64 * 1024
const SEGMENT_NAME = /^(\d{10})\.spool$/
const POSITION_NAME = 'position'
/** No segment has been begun to be delivered. */
const NOWHERE: SpoolPosition = { segment: 0, offset: 0 }

/**
 * Parcels that wait on disk for one sink, oldest first: segment files that are appended to at one end and read at the other. A file is
 * removed when all of it has been delivered, or when the whole takes more than it may: then the oldest makes room.
 *
 * What has been appended survives the process, however that ends; nothing is synced, so a power cut may take the latest. What was delivered last before a
 * crash may be delivered again after it. Everything is done at once: a segment lies in the system's cache mostly, and a
 * parcel is small. A disk that fails is said once, and never thrown.
 */
export class Spool {
  readonly #options: SpoolOptions
  readonly #files: SpoolFiles
  readonly #damaged: DamagedFiles
  #limitBytes: number
  #segments: Segment[] = []
  #writer: SegmentWriter | undefined
  #reader: { readonly segment: Segment; readonly reader: SegmentReader; offset: number } | undefined
  #head: Head | undefined
  #isHeld = false
  #lastDecoder: ParcelDecoder | undefined
  #positionFd: number | undefined
  /** Where reading goes on in a segment that a process before this one has begun. */
  #startAt: { readonly segment: Segment; readonly offset: number } | undefined
  /** No number is given twice: the position could be that of another segment. */
  #nextNumber = FIRST_NUMBER
  #hasFailed = false

  /** Takes up what is there. Throws what the system says if the directory cannot be used at all. */
  constructor(options: SpoolOptions) {
    this.#options = options
    this.#files = options.files ?? nodeSpoolFiles
    this.#limitBytes = options.limitBytes
    this.#damaged = new DamagedFiles({ ...options, files: this.#files })
    makeDirectory(options.path)
    this.#takeUp()
    this.#damaged.tidy()
  }

  /** That have not been delivered, the held ones included. */
  get points(): number {
    const detached = this.#head !== undefined && this.#head.segment === undefined ? this.#head.points : 0
    return this.#segments.reduce((sum, { points }) => sum + points, detached)
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  get isEmpty(): boolean {
    return this.#segments.length === 0 && this.#head === undefined
  }

  /** 0: what is in it is delivered, and nothing is added. */
  setLimit(limitBytes: number): void {
    this.#limitBytes = limitBytes
    this.#makeRoom()
  }

  /** Puts a parcel behind all others. False: the disk does not take it. */
  append(parcel: Parcel): boolean {
    if (this.#limitBytes === 0) return false
    const lack = this.#options.lack?.()
    if (lack !== undefined) return this.#failed(lack)
    try {
      const segment = this.#writableSegment()
      const writer = this.#writer
      if (writer === undefined) throw new Error('BUG: there is no segment to write to')
      writer.append(parcel)
      segment.bytes = writer.bytes
      segment.points += pointsOf(parcel)
    } catch (error) {
      // What was introduced in it may be lost: the next parcel begins anew.
      this.#endWriting()
      this.#dropUnused()
      return this.#failed(error)
    }
    this.#hasFailed = false
    this.#makeRoom()
    return true
  }

  /** Puts parcels before all others. Returns how many of them the disk took. For the end, when nothing is read any more. */
  putFront(parcels: readonly Parcel[]): number {
    if (parcels.length === 0) return 0
    let taken = 0
    const number = (this.#segments[0]?.number ?? this.#nextNumber) - 1
    const path = this.#pathOf(number)
    try {
      const writer = new SegmentWriter(this.#files, path, number)
      try {
        for (const parcel of parcels) {
          writer.append(parcel)
          taken += 1
        }
      } finally {
        writer.close()
        const points = parcels.slice(0, taken).reduce((sum, parcel) => sum + pointsOf(parcel), 0)
        this.#segments.unshift({ number, path, bytes: writer.bytes, points, problem: undefined })
      }
    } catch (error) {
      this.#failed(error)
    }
    return taken
  }

  /** The oldest parcel, which stays until `release` or `remove`. undefined: there is none that can be read, or not now if it is not empty. */
  hold(): Parcel | undefined {
    this.#head ??= this.#readHead()
    this.#isHeld = this.#head !== undefined
    return this.#head?.parcel
  }

  /** The held parcel could not be delivered: it stays first in line. */
  release(): void {
    this.#isHeld = false
  }

  /** The held parcel is done with. */
  remove(): void {
    const head = this.#head
    if (head === undefined || !this.#isHeld) throw new Error('BUG: nothing is held')
    this.#isHeld = false
    this.#head = undefined
    if (head.segment !== undefined) this.#advance(head.segment, head.points, head.endOffset)
  }

  /** The first parcel, if the segment that it was in had to make room: it is in memory alone. */
  takeDetached(): Parcel | undefined {
    const head = this.#head
    if (head === undefined || head.segment !== undefined) return undefined
    this.#head = undefined
    return head.parcel
  }

  /** What is in it stays. */
  close(): void {
    this.#endWriting()
    this.#endReading()
    if (this.#positionFd !== undefined) this.#tryTo(() => this.#files.closeSync(this.#positionFd as number))
    this.#positionFd = undefined
  }

  // Taking up what is there.

  #takeUp(): void {
    const position = this.#readPosition()
    const numbers = this.#files
      .readdirSync(this.#options.path)
      .flatMap((name) => SEGMENT_NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b)
    for (const number of numbers) this.#takeUpSegment(number, position)
    this.#nextNumber = Math.max(FIRST_NUMBER, (numbers.at(-1) ?? 0) + 1)
    if (position !== undefined && this.#startAt === undefined) this.#savePosition(NOWHERE)
    this.#makeRoom()
  }

  #takeUpSegment(number: number, position: SpoolPosition | undefined): void {
    const path = this.#pathOf(number)
    const isBegun = position?.segment === number
    const fromOffset = isBegun ? position.offset : SEGMENT_HEADER_BYTES
    const segment: Segment = { number, path, bytes: 0, points: 0, problem: undefined }
    try {
      const { endOffset, points, problem } = surveySegment(this.#files, path, { number, fromOffset })
      Object.assign(segment, { bytes: endOffset, points, problem })
    } catch (error) {
      segment.problem = reasonOf(error)
    }
    if (segment.problem !== undefined) this.#tellDamage(segment, segment.bytes)
    if (segment.points === 0 && segment.bytes <= fromOffset) this.#dispose(segment)
    else {
      this.#segments.push(segment)
      if (isBegun) this.#startAt = { segment, offset: position.offset }
    }
  }

  #readPosition(): SpoolPosition | undefined {
    const path = join(this.#options.path, POSITION_NAME)
    if (!this.#files.existsSync(path)) return undefined
    try {
      const fd = this.#files.openSync(path, 'r')
      try {
        return decodePosition(readFully(this.#files, fd, POSITION_BYTES, 0))
      } finally {
        this.#files.closeSync(fd)
      }
    } catch {
      // More is sent twice than need be.
      return undefined
    }
  }

  // Writing.

  #writableSegment(): Segment {
    const last = this.#segments.at(-1)
    if (last !== undefined && this.#writer !== undefined && last.bytes < this.#segmentBytes()) return last
    this.#endWriting()
    const number = this.#nextNumber++
    const path = this.#pathOf(number)
    this.#writer = new SegmentWriter(this.#files, path, number)
    const segment: Segment = { number, path, bytes: this.#writer.bytes, points: 0, problem: undefined }
    this.#segments.push(segment)
    return segment
  }

  #segmentBytes(): number {
    return Math.max(SMALLEST_SEGMENT_BYTES, Math.min(LARGEST_SEGMENT_BYTES, this.#limitBytes / 8))
  }

  #endWriting(): void {
    const writer = this.#writer
    this.#writer = undefined
    if (writer !== undefined) this.#tryTo(() => writer.close())
  }

  /** A segment that was begun and got no record. */
  #dropUnused(): void {
    const last = this.#segments.at(-1)
    if (last === undefined || last.bytes > SEGMENT_HEADER_BYTES) return
    this.#segments.pop()
    this.#dispose(last)
  }

  #makeRoom(): void {
    while (this.#limitBytes > 0 && this.bytes > this.#limitBytes && this.#segments.length > 1) {
      const oldest = this.#segments.shift() as Segment
      let lost = oldest.points
      if (this.#head?.segment === oldest) {
        if (this.#isHeld) {
          this.#head.segment = undefined
          lost -= this.#head.points
        } else this.#head = undefined
      }
      if (this.#reader?.segment === oldest) this.#endReading()
      this.#dispose(oldest)
      if (lost > 0) this.#options.onDropped(lost, 'queue_full')
    }
  }

  // Reading.

  #readHead(): Head | undefined {
    for (let segment = this.#segments[0]; segment !== undefined; segment = this.#segments[0]) {
      try {
        const reading = this.#readingOf(segment)
        if (reading.offset >= segment.bytes) {
          this.#finish(segment)
          continue
        }
        const { parcel, points, endOffset, problem = '' } = reading.reader.read(reading.offset)
        const { offset } = reading
        reading.offset = endOffset
        if (parcel !== undefined) return { parcel, points, endOffset, segment }
        segment.problem = problem
        this.#tellDamage(segment, offset)
        this.#options.onDropped(points, 'damaged')
        this.#advance(segment, points, endOffset)
      } catch (error) {
        // The file is as good as before: it is tried again when it is asked for again.
        if (isShortage(error)) return this.#cannotRead(error)
        segment.problem = reasonOf(error)
        this.#tellDamage(segment, this.#reader?.offset ?? 0)
        if (segment.points > 0) this.#options.onDropped(segment.points, 'damaged')
        segment.points = 0
        this.#finish(segment)
      }
    }
    return undefined
  }

  #readingOf(segment: Segment): { reader: SegmentReader; offset: number } {
    if (this.#reader?.segment === segment) return this.#reader
    this.#endReading()
    const reader = new SegmentReader(this.#files, segment.path, this.#lastDecoder)
    const offset = this.#startAt?.segment === segment ? this.#startAt.offset : SEGMENT_HEADER_BYTES
    this.#reader = { segment, reader, offset }
    if (offset > SEGMENT_HEADER_BYTES) reader.learnUntil(offset)
    return this.#reader
  }

  /** All before `offset` has been delivered, or is lost. */
  #advance(segment: Segment, points: number, offset: number): void {
    segment.points -= points
    if (offset >= segment.bytes) this.#finish(segment)
    else this.#savePosition({ segment: segment.number, offset })
  }

  #finish(segment: Segment): void {
    this.#endReading()
    const isWritten = this.#segments.at(-1) === segment
    if (isWritten) this.#endWriting()
    this.#segments = this.#segments.filter((other) => other !== segment)
    if (this.#positionFd !== undefined) this.#savePosition(NOWHERE)
    this.#dispose(segment)
  }

  #endReading(): void {
    const reading = this.#reader
    this.#reader = undefined
    if (reading === undefined) return
    this.#lastDecoder = reading.reader.decoder
    this.#tryTo(() => reading.reader.close())
  }

  #savePosition(position: SpoolPosition): void {
    this.#tryTo(() => {
      this.#positionFd ??= this.#files.openSync(join(this.#options.path, POSITION_NAME), 'w')
      writeFully(this.#files, this.#positionFd, encodePosition(position), 0)
    })
  }

  /** Removes the file of a segment that is done with, or puts it aside if there is something wrong with it. */
  #dispose({ path, problem }: Segment): void {
    this.#tryTo(() => {
      if (problem === undefined) this.#files.unlinkSync(path)
      else this.#damaged.keep(path)
    })
  }

  #pathOf(number: number): string {
    return join(this.#options.path, `${String(number).padStart(10, '0')}.spool`)
  }

  #tellDamage({ path, problem }: Segment, offset: number): void {
    this.#options.log.error(
      { sink: this.#options.sinkName, path, offset, reason: problem },
      'a file of the spool is damaged; what can be read of it is sent, and it is kept as .bad',
    )
  }

  #failed(error: unknown): false {
    if (!this.#hasFailed) {
      const fields = { sink: this.#options.sinkName, path: this.#options.path, reason: reasonOf(error) }
      this.#options.log.error(
        fields,
        'the spool of a sink cannot be written; what does not fit waits in memory',
      )
    }
    this.#hasFailed = true
    return false
  }

  #cannotRead(error: unknown): undefined {
    const fields = { sink: this.#options.sinkName, path: this.#options.path, reason: reasonOf(error) }
    this.#options.log.warn(
      fields,
      'the spool of a sink cannot be read for now; it is tried again with the next batch',
    )
    return undefined
  }

  /** What can go wrong here costs nothing but that something is sent twice, or a file stays. */
  #tryTo(action: () => void): void {
    try {
      action()
    } catch (error) {
      const fields = { sink: this.#options.sinkName, path: this.#options.path, reason: reasonOf(error) }
      this.#options.log.warn(fields, 'a file of the spool could not be moved on')
    }
  }
}

/** The system, or this process, has too many files open, or too little memory. */
function isShortage(error: unknown): boolean {
  return SHORTAGES.has((error as NodeJS.ErrnoException).code)
}

const SHORTAGES: ReadonlySet<string | undefined> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN'])
