import { type FileHandle, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../lib/clock.ts'
import { makeDirectory } from '../../lib/make-directory.ts'
import { KymoError, reasonOf } from '../../telemetry/errors.ts'
import type { Log } from '../../telemetry/log.ts'
import type { DeadLetters, LetterCode } from '../sink.ts'
import { joinLines } from './join-lines.ts'
import type { Parcel } from './queue.ts'

export interface DeadLetterOptions {
  /** Need not be there. */
  readonly directory: string
  readonly sinkName: string
  readonly clock: Pick<Clock, 'nowMs'>
  readonly log: Log
  /** Of one file; there are two at most. */
  readonly limitBytes?: number
}

const DEFAULT_LIMIT_BYTES = 64 * 1024 * 1024
/** What waits to be written; what is more is not written. */
const MOST_WAITING_LETTERS = 200_000

interface Letters {
  readonly count: number
  readonly lines: Iterable<string>
}

/**
 * What a sink was given and its other end refused for good, a line of JSON for each point, event or item: `<sink>.jsonl`, and what
 * was before it in `<sink>.old.jsonl`. Written beside the deliveries, which never wait for it. It is for people to look into: where the disk
 * does not take it, or it is too much at once, letters are left out; the points are counted as refused in any case.
 *
 *   {"time":"2026-01-31T04:00:10.000Z","sink":"influx","code":"sink-refused","reason":"...","series":"a.b;k=v","timestamp":1769832000,"value":1}
 */
export class DeadLetterFile implements DeadLetters {
  readonly #options: DeadLetterOptions
  #waiting: Letters[] = []
  #waitingCount = 0
  #leftOut = 0
  #writing: Promise<void> | undefined
  #hasFailed = false

  constructor(options: DeadLetterOptions) {
    this.#options = options
  }

  add(reason: string, items: readonly unknown[], code: LetterCode = 'sink-refused'): void {
    const head = this.#headOf(code, reason)
    this.#enqueue(items.length, linesOfItems(head, items))
  }

  /** All of it. */
  addParcel(parcel: Parcel, error: unknown): void {
    const head = this.#headOf(error instanceof KymoError ? error.code : 'internal', reasonOf(error))
    if (parcel.kind === 'events')
      this.#enqueue(parcel.batch.length, linesOfItems(head, parcel.batch, 'event'))
    else this.#enqueue(parcel.batch.series.length, linesOfPoints(head, parcel))
  }

  /** Resolves when all that was added has been written, or cannot be. */
  async settle(): Promise<void> {
    await this.#writing
  }

  #headOf(code: string, reason: string): object {
    return { ...this.#head(), code, reason }
  }

  #head(): object {
    const { sinkName, clock } = this.#options
    return { time: new Date(clock.nowMs()).toISOString(), sink: sinkName }
  }

  #enqueue(count: number, lines: Iterable<string>): void {
    if (count === 0) return
    if (this.#waitingCount + count > MOST_WAITING_LETTERS && this.#waitingCount > 0) this.#leftOut += count
    else {
      this.#waiting.push({ count, lines })
      this.#waitingCount += count
    }
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined
    })
  }

  async #write(): Promise<void> {
    const { directory, sinkName, log } = this.#options
    const file = new BoundedFile(directory, sinkName, this.#options.limitBytes ?? DEFAULT_LIMIT_BYTES)
    try {
      for (let letters = this.#waiting.shift(); letters !== undefined; letters = this.#waiting.shift()) {
        this.#waitingCount -= letters.count
        for (const piece of joinLines(letters.lines)) await file.append(piece)
      }
      if (this.#leftOut > 0)
        await file.append(
          `${JSON.stringify({ ...this.#head(), reason: 'too many at once', leftOut: this.#leftOut })}\n`,
        )
      this.#leftOut = 0
      this.#hasFailed = false
    } catch (error) {
      this.#waiting = []
      this.#waitingCount = 0
      if (!this.#hasFailed)
        log.error({ sink: sinkName, reason: reasonOf(error) }, 'what a sink refused cannot be written down')
      this.#hasFailed = true
    }
    await file.close()
  }
}

class BoundedFile {
  readonly #directory: string
  readonly #path: string
  readonly #olderPath: string
  readonly #limitBytes: number
  #handle: FileHandle | undefined
  #bytes = 0

  constructor(directory: string, sinkName: string, limitBytes: number) {
    this.#directory = directory
    // The name of a sink holds no dot: none can be that of another's older file.
    this.#path = join(directory, `${sinkName}.jsonl`)
    this.#olderPath = join(directory, `${sinkName}.old.jsonl`)
    this.#limitBytes = limitBytes
  }

  async append(text: string): Promise<void> {
    const bytes = Buffer.from(text)
    let handle = this.#handle ?? (await this.#open())
    if (this.#bytes > 0 && this.#bytes + bytes.length > this.#limitBytes) {
      await this.close()
      await rename(this.#path, this.#olderPath)
      handle = await this.#open()
    }
    await handle.appendFile(bytes)
    this.#bytes += bytes.length
  }

  async close(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close().catch(() => {})
  }

  async #open(): Promise<FileHandle> {
    makeDirectory(this.#directory)
    const handle = await open(this.#path, 'a')
    this.#handle = handle
    this.#bytes = (await handle.stat()).size
    return handle
  }
}

function* linesOfPoints(head: object, parcel: Exclude<Parcel, { kind: 'events' }>): Generator<string> {
  const { series, values } = parcel.batch
  for (const [index, { key }] of series.entries()) {
    const timeMs = parcel.kind === 'flush' ? parcel.batch.timestampMs : parcel.batch.timesMs[index]
    const value = values[index] as number
    const point = {
      series: key,
      timestamp: (timeMs ?? 0) / 1_000,
      value: Number.isFinite(value) ? value : String(value),
    }
    yield `${JSON.stringify({ ...head, ...point })}\n`
  }
}

function* linesOfItems(head: object, items: readonly unknown[], name = 'item'): Generator<string> {
  for (const item of items)
    yield `${toJson({ ...head, [name]: item }) ?? JSON.stringify({ ...head, [name]: String(item) })}\n`
}

/** undefined: JSON has no form for it. */
function toJson(value: object): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}
