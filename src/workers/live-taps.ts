import type { Clock, Timer } from '../lib/clock.ts'
import { KymoError } from '../telemetry/errors.ts'
import { TAP_WATCH_MS, type TapNews, type TapQuestion } from '../model/tap.ts'

export interface LiveTapsOptions {
  readonly clock: Clock
  /** Asks the threads that the question is for, those that run. */
  readonly ask: (question: TapQuestion) => void
}

/** Often enough that a thread does not end meanwhile, and soon enough for one that was started anew. */
const ASK_EVERY_MS = TAP_WATCH_MS / 3
/** Each costs every thread that it asks a look at what passes. */
const MOST_WATCHERS = 10

interface Watcher {
  readonly question: TapQuestion
  readonly onNews: (news: TapNews | null) => void
}

/** Those who watch what flows, and what they are told. Threads are asked again and again while somebody watches. */
export class LiveTaps {
  readonly #options: LiveTapsOptions
  readonly #watchers = new Map<number, Watcher>()
  #lastId = 0
  #timer: Timer | undefined

  constructor(options: LiveTapsOptions) {
    this.#options = options
  }

  /** Tells `onNews` of what comes, until what it returns is called. */
  open(question: Omit<TapQuestion, 'id'>, onNews: (news: TapNews | null) => void): () => void {
    if (this.#watchers.size >= MOST_WATCHERS)
      throw new KymoError('server-busy', { reason: `${MOST_WATCHERS} are watching already` })
    const id = ++this.#lastId
    const watcher = { question: { id, ...question }, onNews }
    this.#watchers.set(id, watcher)
    this.#options.ask(watcher.question)
    this.#timer ??= this.#options.clock.after(ASK_EVERY_MS, () => this.#askAgain())
    return () => {
      this.#watchers.delete(id)
      if (this.#watchers.size > 0) return
      this.#timer?.cancel()
      this.#timer = undefined
    }
  }

  /** News for one who has gone is of no interest. */
  take(news: TapNews): void {
    this.#watchers.get(news.id)?.onNews(news)
  }

  /** Tells all who watch that it is over. */
  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    for (const { onNews } of this.#watchers.values()) onNews(null)
    this.#watchers.clear()
  }

  #askAgain(): void {
    this.#timer = this.#options.clock.after(ASK_EVERY_MS, () => this.#askAgain())
    for (const { question } of this.#watchers.values()) this.#options.ask(question)
  }
}
