import { mergeUsage } from '../api/series-usage.ts'
import type { QueryAnswer, QueryRequest, SeriesUse, UsageQuestion } from '../api/services.ts'
import type { PeerName, QueryCalls } from './calls.ts'
import { receivePieces } from './piece-stream.ts'
import type { Supervisor, Thread } from './supervisor.ts'

interface QueryThread {
  readonly peer: PeerName
  readonly started: Promise<Thread<QueryCalls>>
  queryCount: number
}

/** The threads that evaluate queries: none before the first query, and one more whenever all have something to do, up to `most`. */
export class QueryThreads {
  readonly #supervisor: Pick<Supervisor, 'start' | 'stop'>
  readonly #most: number
  #threads: QueryThread[] = []

  constructor(supervisor: Pick<Supervisor, 'start' | 'stop'>, most: number) {
    this.#supervisor = supervisor
    this.#most = most
  }

  /** Names of all that there can be. */
  static peers(most: number): PeerName[] {
    return Array.from({ length: most }, (_, index): PeerName => `query-${index + 1}`)
  }

  /** Rejects with what the thread answers. */
  async query(request: QueryRequest, signal: AbortSignal): Promise<QueryAnswer> {
    const thread = this.#choose()
    thread.queryCount += 1
    const letGo = (): void => {
      thread.queryCount -= 1
    }
    try {
      const started = await thread.started
      const { rest: port, ...answer } = await started.link().call('query', request, { signal })
      if (port === undefined) {
        letGo()
        return answer
      }
      const rest = receivePieces(port, thread.peer)
      rest.once('close', letGo)
      return { ...answer, rest }
    } catch (error) {
      letGo()
      throw error
    }
  }

  /** What all threads have read; one that does not answer is left out. */
  async usage(question: UsageQuestion): Promise<readonly SeriesUse[]> {
    const lists = await Promise.all(
      this.#threads.map(async ({ started }) => {
        try {
          return await (await started).link().call('usage', question)
        } catch {
          return []
        }
      }),
    )
    return mergeUsage(lists, question.limit)
  }

  async stop(): Promise<void> {
    await Promise.all(this.#threads.map(({ peer }) => this.#supervisor.stop(peer)))
  }

  /** One that is free, or else a new one, or else the one with the least to do. */
  #choose(): QueryThread {
    const [least] = this.#threads.toSorted((a, b) => a.queryCount - b.queryCount)
    if (least !== undefined && (least.queryCount === 0 || this.#threads.length >= this.#most)) return least
    return this.#start(`query-${this.#threads.length + 1}`)
  }

  #start(peer: PeerName): QueryThread {
    const started = this.#supervisor.start<QueryCalls>({ worker: 'query', peer, open: async () => {} }, [
      'keeper',
    ])
    const thread = { peer, started, queryCount: 0 }
    this.#threads.push(thread)
    return thread
  }
}
