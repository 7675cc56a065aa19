import type { Clock } from '../../lib/clock.ts'
import { KymoError, reasonOf } from '../../telemetry/errors.ts'
import type { DeadLetters, SinkContext, SinkResult } from '../sink.ts'
import { HttpClient, type HttpAnswer } from './http-client.ts'
import type { Compression } from './http-options.ts'
import { judgeAnswer, RequestRefused } from './judge-answer.ts'

/** How items, each a part of a batch that the wire can carry by itself, become requests. */
export interface RequestShape<Item> {
  readonly url: URL
  readonly method?: string
  readonly headers: Readonly<Record<string, string>>
  readonly mostItems: number
  /** Of a body, before it is compressed. An item that is longer goes alone. */
  readonly mostBytes: number
  readonly bytesOf: (item: Item) => number
  /** How many points, or events, it stands for. */
  readonly pointsOf: (item: Item) => number
  readonly encode: (items: readonly Item[]) => Uint8Array | string
  /** Headers that depend on the body, such as its signature. */
  readonly sign?: (body: Uint8Array) => Readonly<Record<string, string>>
  /** What a person is told of an item that was given up: JSON takes it down. */
  readonly describe: (item: Item) => unknown
  readonly mostAnswerBytes?: number
  /**
   * Of an answer that says yes: the items that it says no to after all. May throw a KymoError that can be retried. Left out: a
   * yes is one for all.
   */
  readonly readAnswer?: (answer: HttpAnswer, items: readonly Item[]) => readonly RefusedItem<Item>[]
}

export interface RefusedItem<Item> {
  readonly item: Item
  readonly reason: string
}

export interface HttpSenderOptions {
  readonly name: string
  readonly compression: Compression
  readonly timeoutMs: number
  readonly concurrency: number
  readonly context: Pick<SinkContext, 'clock' | 'deadLetters'>
}

/**
 * Sends a batch as requests, several at once, and sees to what every HTTP sink has to: a request that is refused is divided until what
 * is to blame is alone, which is given up as a dead letter; what was taken is not sent again when the runner tries the batch again.
 *
 *   items -> requests of mostItems, mostBytes -> 2xx ---------------------> taken
 *                                             -> 429, 5xx, no answer -----> KymoError that can be retried: the runner waits
 *                                             -> 401, 403, 404, 3xx ------> the same: a person has to help
 *                                             -> other 4xx: two halves, ... -> one item: dead letter
 */
export class HttpSender {
  readonly #name: string
  readonly #concurrency: number
  readonly #client: HttpClient
  readonly #clock: Clock
  readonly #deadLetters: DeadLetters
  #progress: Progress | undefined

  constructor({ name, compression, timeoutMs, concurrency, context }: HttpSenderOptions) {
    this.#name = name
    this.#concurrency = concurrency
    this.#clock = context.clock
    this.#deadLetters = context.deadLetters
    this.#client = new HttpClient({ compression, timeoutMs, concurrency, clock: context.clock })
  }

  /**
   * `batch` is what the runner handed the sink: given again after a failure, `items` have to be the same, and go on where they
   * stopped. `refusedPoints`: those that never became items.
   */
  async send<Item>(
    batch: object,
    items: Iterable<Item>,
    shape: RequestShape<Item>,
    signal: AbortSignal,
    refusedPoints: () => number = () => 0,
  ): Promise<SinkResult> {
    signal.throwIfAborted()
    if (this.#progress?.batch !== batch) this.#progress = new Progress(batch)
    const progress = this.#progress
    const startedMs = this.#clock.monotonicMs()
    const stop = new AbortController()
    const either = AbortSignal.any([signal, stop.signal])
    const requests = requestsOf(items, shape)
    const work = async (): Promise<void> => {
      for (let next = requests.next(); next.done !== true; next = requests.next()) {
        const { index, request } = next.value
        if (progress.isDone(index)) continue
        await this.#deliver(request, shape, progress, either)
        progress.done(index)
      }
    }
    const workers = Array.from({ length: this.#concurrency }, work)
    try {
      await Promise.all(workers)
    } catch (error) {
      // What is under way at the same time is not waited for: it counts as not sent.
      stop.abort(error)
      await Promise.allSettled(workers)
      throw signal.aborted ? signal.reason : error
    }
    this.#progress = undefined
    const sendingMs = this.#clock.monotonicMs() - startedMs - progress.encodingMs
    return {
      refusedPoints: progress.refusedPoints + refusedPoints(),
      sending: { encodingMs: progress.encodingMs, sendingMs: Math.max(0, sendingMs), bytes: progress.bytes },
    }
  }

  close(): void {
    this.#client.close()
  }

  async #deliver<Item>(
    items: readonly Item[],
    shape: RequestShape<Item>,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      const answer = await this.#post(items, shape, progress, signal)
      for (const { item, reason } of shape.readAnswer?.(answer, items) ?? [])
        this.#giveUp([item], reason, shape, progress)
    } catch (error) {
      if (!(error instanceof RequestRefused)) throw error
      // One that takes nothing at all would be asked about every item.
      if (items.length === 1 || !progress.mayDivide())
        return this.#giveUp(items, error.message, shape, progress)
      const middle = items.length >> 1
      await this.#deliver(items.slice(0, middle), shape, progress, signal)
      await this.#deliver(items.slice(middle), shape, progress, signal)
    }
  }

  async #post<Item>(
    items: readonly Item[],
    shape: RequestShape<Item>,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const startedMs = this.#clock.monotonicMs()
    const encoded = shape.encode(items)
    const body = typeof encoded === 'string' ? Buffer.from(encoded) : encoded
    progress.encodingMs += this.#clock.monotonicMs() - startedMs
    const { url, method = 'POST', mostAnswerBytes } = shape
    const address = `${url.protocol}//${url.host}`
    let answer: HttpAnswer
    try {
      answer = await this.#client.send(
        {
          method,
          url,
          headers: { ...shape.headers, ...shape.sign?.(body) },
          body,
          ...(mostAnswerBytes === undefined ? {} : { mostAnswerBytes }),
        },
        signal,
      )
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw new KymoError(
        'sink-unreachable',
        { name: this.#name, address, reason: reasonOf(error) },
        { cause: error },
      )
    }
    progress.bytes += answer.sentBytes
    judgeAnswer(answer, { name: this.#name, address }, this.#clock.nowMs())
    return answer
  }

  #giveUp<Item>(items: readonly Item[], reason: string, shape: RequestShape<Item>, progress: Progress): void {
    for (const item of items) progress.refusedPoints += shape.pointsOf(item)
    this.#deadLetters.add(
      reason,
      items.map((item) => shape.describe(item)),
    )
  }
}

/** How far a batch has got, attempt by attempt. */
class Progress {
  readonly batch: object
  refusedPoints = 0
  encodingMs = 0
  bytes = 0
  readonly #done = new Set<number>()
  #divisions = 0

  constructor(batch: object) {
    this.batch = batch
  }

  isDone(index: number): boolean {
    return this.#done.has(index)
  }

  done(index: number): void {
    this.#done.add(index)
  }

  mayDivide(): boolean {
    this.#divisions += 1
    return this.#divisions <= MOST_DIVISIONS
  }
}

/** Enough for a few points to blame among ten thousand. */
const MOST_DIVISIONS = 200

function* requestsOf<Item>(
  items: Iterable<Item>,
  { mostItems, mostBytes, bytesOf }: RequestShape<Item>,
): Generator<{ readonly index: number; readonly request: readonly Item[] }> {
  let request: Item[] = []
  let bytes = 0
  let index = 0
  for (const item of items) {
    const itemBytes = bytesOf(item)
    if (request.length > 0 && (request.length === mostItems || bytes + itemBytes > mostBytes)) {
      yield { index: index++, request }
      request = []
      bytes = 0
    }
    request.push(item)
    bytes += itemBytes
  }
  if (request.length > 0) yield { index, request }
}
