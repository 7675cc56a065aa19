import { readCacheSeconds } from '../api/answer-cache.ts'
import type { QueryAnswer, QueryRequest } from '../api/services.ts'
import { SharedVersion } from '../lib/shared-version.ts'
import { lastValue } from '../query/request-parameters.ts'
import { Remembered } from './remembered.ts'

/** Bytes of all answers and their questions. */
const MOST_BYTES = 16 * 1024 * 1024
const LONGEST_QUESTION = 4_096
/** What an entry takes besides. */
const ENTRY_BYTES = 500
/** These say nothing of when series had points, which changes while the catalog does not. */
const UNTIMED_FORMATS: ReadonlySet<string> = new Set(['treejson', 'completer', 'nodelist'])

interface Kept {
  readonly contentType: string
  readonly body: Uint8Array
  readonly bytes: number
}

/** A link to a keeper: its catalog is its own. */
interface KeeperLink {
  call(method: 'catalogVersion', argument: null): Promise<SharedArrayBuffer>
}

/**
 * Answers of `/metrics/find`, given again for as long as the same series are known: everybody who opens a dashboard asks for what its variables stand
 * for, and everybody who looks for a metric opens the same tree. Kept in the thread that serves HTTP, so that no other one has to be woken.
 */
export class RememberedFinds {
  /** What is known of the catalog that this keeper has. */
  #known: KnownCatalog | undefined

  /** The answer to a question that `make` answers otherwise, as that does. `keeper` is the link to the one that there is now. */
  async answer(
    keeper: KeeperLink,
    request: QueryRequest,
    make: () => Promise<QueryAnswer>,
  ): Promise<QueryAnswer> {
    const question = questionOf(request)
    const answers = question === undefined ? undefined : await this.#catalogOf(keeper).opening
    if (question === undefined || answers === undefined) return await make()
    let made: QueryAnswer | undefined
    const kept = await answers.find(question, async () => {
      made = await make()
      return keep(made, question)
    })
    return made ?? answerOf(kept)
  }

  /** The same of what can be made at once; undefined: it cannot. */
  answerNow(
    keeper: KeeperLink,
    request: QueryRequest,
    make: () => QueryAnswer | undefined,
  ): QueryAnswer | undefined {
    const question = questionOf(request)
    const answers = question === undefined ? undefined : this.#catalogOf(keeper).answers
    if (question === undefined || answers === undefined) return make()
    let made: QueryAnswer | undefined
    const kept = answers.findNow(question, () => {
      made = make()
      return made && keep(made, question)
    })
    return made ?? (kept && answerOf(kept))
  }

  #catalogOf(keeper: KeeperLink): KnownCatalog {
    if (this.#known?.keeper === keeper) return this.#known
    const known: KnownCatalog = { keeper, opening: openAnswers(keeper), answers: undefined }
    this.#known = known
    void known.opening.then((answers) => {
      known.answers = answers
      if (answers === undefined && this.#known === known) this.#known = undefined
    })
    return known
  }
}

interface KnownCatalog {
  readonly keeper: KeeperLink
  /** undefined: the keeper cannot say yet, or any more, when its catalog changes. */
  readonly opening: Promise<Remembered<Kept> | undefined>
  /** Once the keeper has said that. */
  answers: Remembered<Kept> | undefined
}

function keep({ contentType, body }: QueryAnswer, question: string): Kept {
  // The memory of what goes out first is used again.
  const copy = body.slice()
  return { contentType, body: copy, bytes: copy.length + question.length * 2 + ENTRY_BYTES }
}

function answerOf({ contentType, body }: Kept): QueryAnswer {
  return { contentType, body }
}

async function openAnswers(keeper: KeeperLink): Promise<Remembered<Kept> | undefined> {
  try {
    const version = new SharedVersion(await keeper.call('catalogVersion', null))
    return new Remembered({ version, most: MOST_BYTES, sizeOf: ({ bytes }) => bytes })
  } catch {
    // Whoever answers the question says what is wrong.
    return undefined
  }
}

/** undefined: the answer may differ though the names are the same, or whoever asks wants none that was given before. */
function questionOf({ kind, parameters }: QueryRequest): string | undefined {
  if (kind !== 'find' || readCacheSeconds(parameters) === 0) return undefined
  const isTimed = lastValue(parameters, 'from') !== undefined || lastValue(parameters, 'until') !== undefined
  if (isTimed || !UNTIMED_FORMATS.has(lastValue(parameters, 'format') ?? 'treejson')) return undefined
  const names = Object.keys(parameters).sort()
  const question = JSON.stringify(names.map((name) => [name, parameters[name]]))
  return question.length > LONGEST_QUESTION ? undefined : question
}
