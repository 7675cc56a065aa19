import type { ImportResult } from '../../api/services.ts'
import { type ColumnSeries, MOST_KEY_BYTES, MOST_POINTS } from '../../formats/point-columns/point-columns.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Rollup } from '../../model/series-identity.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import type { KymoPeer } from './kymo-peer.ts'

/** Points of one series, on their way in. */
export interface Piece {
  readonly key: SeriesKey
  readonly rollup?: Rollup | undefined
  /** Of the columns, the first so many. They are copied before the next piece is asked for. */
  readonly count: number
  readonly timesMs: Float64Array | readonly number[]
  readonly values: Float64Array | readonly number[]
}

/** Everything up to here, told by its name, has been given. */
export interface Mark {
  readonly mark: string
}

export interface SendOptions {
  readonly peer: Pick<KymoPeer, 'send' | 'settle'>
  readonly clock: Pick<Clock, 'monotonicMs'>
  /** After each request that was answered. */
  readonly onSent: (totals: ImportResult) => void
  /** Everything up to the mark is safe. */
  readonly onSafe: (mark: string) => void
}

/** Requests under way at once: one is read here, one travels, one is written there. */
const MOST_UNDER_WAY = 3
/** Names of that many bytes leave room in a request for all the points there may be. */
const MOST_NAME_BYTES = 2 * 1024 * 1024
const SETTLE_EVERY_MS = 2_000

/**
 * Sends pieces as they come, many in one request, and sees to it now and then that they are safe. Resolves when all are. Rejects with the
 * first error; what was told to be safe is safe then, too.
 */
export async function sendPoints(
  pieces: AsyncIterable<Piece | Mark> | Iterable<Piece | Mark>,
  { peer, clock, onSent, onSafe }: SendOptions,
): Promise<ImportResult> {
  const totals = { stored: 0, outside: 0, overLimit: 0 }
  const underWay: Promise<void>[] = []
  /** Whose points have arrived. */
  const empty: Request[] = []
  let request = new Request()
  let given: string | undefined
  let settledAtMs = clock.monotonicMs()

  async function send(): Promise<void> {
    if (request.points === 0) return
    const full = request
    while (underWay.length >= MOST_UNDER_WAY) await underWay.shift()
    const sent = peer.send(full.columns()).then(({ stored, outside, overLimit }) => {
      full.clear()
      empty.push(full)
      totals.stored += stored
      totals.outside += outside
      totals.overLimit += overLimit
      onSent(totals)
    })
    request = empty.pop() ?? new Request()
    // It is met when its turn comes.
    sent.catch(() => {})
    underWay.push(sent)
  }

  async function settle(): Promise<void> {
    await send()
    while (underWay.length > 0) await underWay.shift()
    await peer.settle()
    settledAtMs = clock.monotonicMs()
    if (given !== undefined) onSafe(given)
  }

  for await (const piece of pieces) {
    if ('mark' in piece) {
      given = piece.mark
      if (clock.monotonicMs() - settledAtMs >= SETTLE_EVERY_MS) await settle()
      continue
    }
    for (let start = 0; start < piece.count; ) {
      start += request.add(piece, start)
      if (request.isFull) await send()
    }
  }
  await settle()
  return totals
}

/** A request that is being filled. */
class Request {
  #series: { key: SeriesKey; points: number; rollup: Rollup | undefined }[] = []
  readonly #timesMs = new Float64Array(MOST_POINTS)
  readonly #values = new Float64Array(MOST_POINTS)
  #nameBytes = 0
  points = 0

  get isFull(): boolean {
    return this.points === MOST_POINTS || this.#nameBytes >= MOST_NAME_BYTES - MOST_KEY_BYTES
  }

  /** Takes points of the piece from `start` on, as many as there is room for; returns how many. */
  add({ key, rollup, count, timesMs, values }: Piece, start: number): number {
    const taken = Math.min(count - start, MOST_POINTS - this.points)
    const last = this.#series.at(-1)
    if (last !== undefined && last.key === key && last.rollup === rollup) last.points += taken
    else {
      this.#series.push({ key, points: taken, rollup })
      // What a series takes beside its name, and its name if all of it were of three bytes.
      this.#nameBytes += 8 + key.length * 3
    }
    // Copied by hand: it is no matter whether they are arrays or columns.
    const shift = this.points - start
    for (let index = start; index < start + taken; index++) {
      this.#timesMs[index + shift] = timesMs[index] as number
      this.#values[index + shift] = values[index] as number
    }
    this.points += taken
    return taken
  }

  /** For other points, once these have arrived. */
  clear(): void {
    this.#series = []
    this.#nameBytes = 0
    this.points = 0
  }

  columns(): { series: readonly ColumnSeries[]; timesMs: Float64Array; values: Float64Array } {
    return {
      series: this.#series,
      timesMs: this.#timesMs.subarray(0, this.points),
      values: this.#values.subarray(0, this.points),
    }
  }
}
