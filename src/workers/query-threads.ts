import { mergeUsage, NEVER_READ } from '../api/series-usage.ts'
import type {
  QueryAnswer,
  QueryRequest,
  RulesAnswer,
  RulesQuestion,
  SeriesUse,
  SizeQuestion,
  SizeReport,
  UsageQuestion,
} from '../api/services.ts'
import type { PeerName, QueryCalls } from './calls.ts'
import { receivePieces } from './piece-stream.ts'
import type { Link } from './rpc.ts'
import type { Supervisor, Thread } from './supervisor.ts'

interface QueryThread {
  readonly peer: PeerName
  readonly started: Promise<Thread<QueryCalls>>
  queryCount: number
  /** Bodies of answers that are out, which go back with the next question: a message of their own would cost more than they save. */
  readonly memory: ArrayBuffer[]
}

/** Of each thread. */
const MOST_KEPT_BODIES = 32

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
    const { thread, letGo } = this.#take()
    try {
      const started = await thread.started
      const memory = thread.memory.splice(0)
      const call = started.link().call('query', { request, memory }, { signal, transfer: memory })
      const { rest: port, isLent = false, ...answer } = await call
      if (port === undefined) {
        letGo()
        return isLent ? { ...answer, giveBack: () => keep(thread, answer.body) } : answer
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
    return mergeUsage(await this.#askAll((link) => link.call('usage', question)), question.limit)
  }

  /** What one thread says of it, and when any of them last read what is there. Rejects with what the thread answers. */
  async size(question: SizeQuestion, signal: AbortSignal): Promise<SizeReport> {
    const report = await this.#askOne((link) => link.call('size', question, { signal }))
    const children = report.children.map(({ path }) => path)
    const reads = await this.#askAll((link) =>
      link.call('lastReads', { prefix: question.prefix, children }, { signal }),
    )
    return {
      ...report,
      children: report.children.map((child, place) => {
        const { lastMs, origin } = reads
          .map((ofThread) => ofThread[place] ?? NEVER_READ)
          .reduce((last, one) => (one.lastMs > last.lastMs ? one : last), NEVER_READ)
        return { ...child, lastQueriedMs: lastMs === 0 ? null : lastMs, lastQueriedFor: origin }
      }),
    }
  }

  rules(question: RulesQuestion, signal: AbortSignal): Promise<RulesAnswer> {
    return this.#askOne((link) => link.call('rules', question, { signal }))
  }

  async #askOne<Answer>(ask: (link: Link<QueryCalls>) => Promise<Answer>): Promise<Answer> {
    const { thread, letGo } = this.#take()
    try {
      return await ask((await thread.started).link())
    } finally {
      letGo()
    }
  }

  #take(): { readonly thread: QueryThread; readonly letGo: () => void } {
    const thread = this.#choose()
    thread.queryCount += 1
    return {
      thread,
      letGo() {
        thread.queryCount -= 1
      },
    }
  }

  /** Answers of those threads that answer. */
  async #askAll<Answer>(ask: (link: Link<QueryCalls>) => Promise<Answer>): Promise<Answer[]> {
    const asked = await Promise.allSettled(
      this.#threads.map(async ({ started }) => ask((await started).link())),
    )
    return asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
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
    const thread = { peer, started, queryCount: 0, memory: [] }
    this.#threads.push(thread)
    return thread
  }
}

function keep({ memory }: QueryThread, { buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && memory.length < MOST_KEPT_BODIES) memory.push(buffer)
}
