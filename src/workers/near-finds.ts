import { type FindContext, readFind, writeFound } from '../api/answers/find.ts'
import { createPieceRoom } from '../api/encode/piece-room.ts'
import type { QueryAnswer, QueryRequest } from '../api/services.ts'
import type { Clock } from '../lib/clock.ts'
import { localTimeZone } from '../query/local-time-zone.ts'
import { DEFAULT_QUERY_LIMITS } from '../query/query-limits.ts'
import type { SharedNames } from '../store/catalog/catalog-columns.ts'
import { NamesReader } from '../store/catalog/names-reader.ts'

/** A link to a keeper: its names are its own. */
interface KeeperLink {
  call(method: 'sharedNames', argument: null): Promise<SharedNames | null>
}

export interface NearFindsOptions {
  readonly clock: Clock
  /** One was answered here. */
  readonly onAnswer: () => void
}

/** More of them take so long that others would wait for it. */
const MOST_NODES = 2_048

/**
 * Answers `/metrics/find` in the thread that serves HTTP, from the names that the keeper has shared: to wake a thread that wakes another takes
 * several times as long as to find some names. What takes longer, and what cannot be told this way just now, is asked of those threads.
 */
export class NearFinds {
  readonly #options: NearFindsOptions
  /** Made with the first answer: to know the time zone takes long, and a start does not wait for it. */
  #context: FindContext | undefined
  /** Of this keeper; undefined: it is being asked, or has nothing to share. */
  #known: { readonly keeper: KeeperLink; reader: NamesReader | undefined } | undefined

  constructor(options: NearFindsOptions) {
    this.#options = options
  }

  /** undefined: somebody else has to be asked. Throws the KymoErrors of what is wrong with the question. */
  answerNow(keeper: KeeperLink, { kind, parameters }: QueryRequest): QueryAnswer | undefined {
    const reader = kind === 'find' ? this.#readerOf(keeper) : undefined
    if (reader === undefined) return undefined
    this.#context ??= {
      clock: this.#options.clock,
      defaultTimeZone: localTimeZone(),
      limits: DEFAULT_QUERY_LIMITS,
      room: createPieceRoom(),
    }
    const context = this.#context
    const question = readFind(parameters, context)
    const nodes = reader.findNodes(question.pattern, MOST_NODES, question)
    if (nodes === undefined) return undefined
    this.#options.onAnswer()
    return writeFound(nodes, question, context)
  }

  /** The next question will have what is asked for here. */
  #readerOf(keeper: KeeperLink): NamesReader | undefined {
    if (this.#known?.keeper === keeper && this.#known.reader?.isOutdated !== true) return this.#known.reader
    const known = { keeper, reader: undefined as NamesReader | undefined }
    this.#known = known
    const forget = (): void => {
      if (this.#known === known) this.#known = undefined
    }
    keeper.call('sharedNames', null).then((shared) => {
      if (shared === null) forget()
      else known.reader = new NamesReader(shared)
    }, forget)
    return undefined
  }
}
