import type { Clock } from '../../lib/clock.ts'
import { KymoError, reasonOf } from '../../telemetry/errors.ts'
import type { DeadLetters, LetterCode, SinkContext, SinkResult } from '../sink.ts'
import { HttpClient, type HttpAnswer, type HttpRequest } from './http-client.ts'
import type { Compression, HttpOptions } from './http-options.ts'
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
  /** Why no request can carry it: it is given up at once. */
  readonly problemOf?: (item: Item) => string | undefined
  /** Left out: that of the sender. */
  readonly compression?: Compression
  /** A request that is refused is given up whole: its items mean something together only. */
  readonly isIndivisible?: true
  readonly mostAnswerBytes?: number
  /**
   * Of an answer that says yes: the items that it says no to after all. May throw a KymoError that can be retried. Left out: a
   * yes is one for all.
   */
  readonly readAnswer?: (answer: HttpAnswer, items: readonly Item[]) => readonly RefusedItem<Item>[]
  /** Of an answer that says no: the items that it means, where the others were taken. Left out, and undefined: it is about all of them. */
  readonly readRefusal?: (
    answer: HttpAnswer,
    items: readonly Item[],
  ) => readonly RefusedItem<Item>[] | undefined
}

export interface RefusedItem<Item> {
  readonly item: Item
  readonly reason: string
  /** It may be taken later: it is sent again, without those that were taken. */
  readonly isRetryable?: true
}

export interface HttpSenderOptions {
  readonly name: string
  readonly compression: Compression
  readonly timeoutMs: number
  readonly concurrency: number
  readonly context: Pick<SinkContext, 'clock' | 'deadLetters'>
  /** Left out: one of HTTP. */
  readonly client?: Pick<HttpClient, 'send' | 'close'>
}

/** With what the options of a sink say that all of them have. */
export function createHttpSender(
  name: string,
  options: HttpOptions,
  context: HttpSenderOptions['context'],
): HttpSender {
  const { compression, request_timeout: timeoutMs, concurrency } = options
  return new HttpSender({ name, compression, timeoutMs, concurrency, context })
}

/**
 * Sends a batch as requests, several at once, and sees to what every HTTP sink has to: a request that is refused is divided until what
 * is to blame is alone, which is given up as a dead letter; what was taken is not sent again when the runner tries the batch again.
 *
 *   items -> requests of mostItems, mostBytes -> 2xx ---------------------> taken
 *                                             -> 429, 5xx, no answer -----> KymoError that can be retried: the runner waits
 *                                             -> 401, 403, 404, 3xx ------> the same: a person has to help
 *                                             -> other 4xx: which items, if it says so; else two halves, ... -> one item: dead letter
 */
export class HttpSender {
  readonly #name: string
  readonly #concurrency: number
  readonly #client: Pick<HttpClient, 'send' | 'close'>
  readonly #clock: Clock
  readonly #deadLetters: DeadLetters
  #progress: Progress | undefined

  constructor({ name, compression, timeoutMs, concurrency, context, client }: HttpSenderOptions) {
    this.#name = name
    this.#concurrency = concurrency
    this.#clock = context.clock
    this.#deadLetters = context.deadLetters
    this.#client = client ?? new HttpClient({ compression, timeoutMs, concurrency, clock: context.clock })
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
    const requests = requestsOf(this.#fit(items, shape, progress), shape)
    const work = async (): Promise<void> => {
      for (;;) {
        const askedMs = this.#clock.monotonicMs()
        const next = requests.next()
        progress.encodingMs += this.#clock.monotonicMs() - askedMs
        if (next.done === true) return
        const { index, request } = next.value
        const { items: left, error } = await this.#deliver(
          progress.leftOf(index, request),
          shape,
          progress,
          either,
        )
        progress.leave(index, left)
        if (left.length > 0) throw error
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

  /** One request by itself, such as a sink makes before its first batch. Throws what judgeAnswer throws. */
  async exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const address = `${request.url.protocol}//${request.url.host}`
    let answer: HttpAnswer
    try {
      answer = await this.#client.send(request, signal)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw new KymoError(
        'sink-unreachable',
        { name: this.#name, address, reason: reasonOf(error) },
        { cause: error },
      )
    }
    judgeAnswer(answer, { name: this.#name, address }, this.#clock.nowMs())
    return answer
  }

  /** Those that a request can carry. */
  *#fit<Item>(items: Iterable<Item>, shape: RequestShape<Item>, progress: Progress): Generator<Item> {
    let unfitCount = 0
    for (const item of items) {
      const problem = shape.problemOf?.(item)
      if (problem === undefined) yield item
      else if (++unfitCount > progress.unfitCount) {
        progress.unfitCount = unfitCount
        this.#giveUp([item], problem, shape, progress, 'sink-unfit')
      }
    }
  }

  /** Resolves with what is to be sent again, and why. */
  async #deliver<Item>(
    items: readonly Item[],
    shape: RequestShape<Item>,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<Left<Item>> {
    if (items.length === 0) return { items }
    try {
      const answer = await this.#post(items, shape, progress, signal)
      return this.#settle(shape.readAnswer?.(answer, items) ?? [], shape, progress)
    } catch (error) {
      if (!(error instanceof RequestRefused)) return { items, error }
      const refused = shape.readRefusal?.(error.answer, items)
      if (refused !== undefined) return this.#settle(refused, shape, progress)
      // One that takes nothing at all would be asked about every item.
      if (items.length === 1 || shape.isIndivisible || !progress.mayDivide()) {
        this.#giveUp(items, error.message, shape, progress)
        return { items: [] }
      }
    }
    const middle = items.length >> 1
    const first = await this.#deliver(items.slice(0, middle), shape, progress, signal)
    if (first.items.length > 0) return { ...first, items: [...first.items, ...items.slice(middle)] }
    return this.#deliver(items.slice(middle), shape, progress, signal)
  }

  #settle<Item>(
    refused: readonly RefusedItem<Item>[],
    shape: RequestShape<Item>,
    progress: Progress,
  ): Left<Item> {
    const later = refused.filter(({ isRetryable }) => isRetryable)
    for (const { item, reason, isRetryable } of refused) {
      if (!isRetryable) this.#giveUp([item], reason, shape, progress)
    }
    const [first] = later
    if (first === undefined) return { items: [] }
    const address = `${shape.url.protocol}//${shape.url.host}`
    const error = new KymoError('sink-busy', { name: this.#name, address, reason: first.reason })
    return { items: later.map(({ item }) => item), error }
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
    const { url, headers, sign, method, compression, mostAnswerBytes } = shape
    const answer = await this.exchange(
      {
        url,
        headers: { ...headers, ...sign?.(body) },
        body,
        ...(method === undefined ? {} : { method }),
        ...(compression === undefined ? {} : { compression }),
        ...(mostAnswerBytes === undefined ? {} : { mostAnswerBytes }),
      },
      signal,
    )
    progress.bytes += answer.sentBytes
    return answer
  }

  #giveUp<Item>(
    items: readonly Item[],
    reason: string,
    shape: RequestShape<Item>,
    progress: Progress,
    code: LetterCode = 'sink-refused',
  ): void {
    for (const item of items) progress.refusedPoints += shape.pointsOf(item)
    this.#deadLetters.add(
      reason,
      items.map((item) => shape.describe(item)),
      code,
    )
  }
}

interface Left<Item> {
  readonly items: readonly Item[]
  readonly error?: unknown
}

/** How far a batch has got, attempt by attempt. */
class Progress {
  readonly batch: object
  refusedPoints = 0
  encodingMs = 0
  bytes = 0
  /** Of those that no request can carry, how many have been given up. */
  unfitCount = 0
  readonly #left = new Map<number, readonly unknown[]>()
  #divisions = 0

  constructor(batch: object) {
    this.batch = batch
  }

  /** What of a request has not been taken; all of it, if it was not tried. */
  leftOf<Item>(index: number, request: readonly Item[]): readonly Item[] {
    return (this.#left.get(index) as readonly Item[] | undefined) ?? request
  }

  leave(index: number, items: readonly unknown[]): void {
    this.#left.set(index, items)
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
