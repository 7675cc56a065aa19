import { readCacheSeconds } from '../api/answer-cache.ts'
import type { PieceRoom } from '../api/encode/piece-room.ts'
import type { QueryAnswer, QueryRequest } from '../api/services.ts'
import type { SharedVersion } from '../lib/shared-version.ts'
import { lastValue } from '../query/request-parameters.ts'
import { Remembered } from './remembered.ts'

/** Bytes of all answers and their questions. */
const MOST_BYTES = 8 * 1024 * 1024
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

/**
 * Answers of `/metrics/find`, given again for as long as the same series are known: everybody who opens a dashboard asks for what its variables stand
 * for, and everybody who looks for a metric opens the same tree. The keeper, whose time is everyone's, is not asked.
 */
export class RememberedFinds {
  readonly #kept: Remembered<Kept>
  readonly #room: PieceRoom

  /** `room` is where the memory of answers comes from. */
  constructor(version: SharedVersion, room: PieceRoom) {
    this.#kept = new Remembered({ version, most: MOST_BYTES, sizeOf: ({ bytes }) => bytes })
    this.#room = room
  }

  /** The answer to a question that `make` answers otherwise. */
  async answer(request: QueryRequest, make: () => Promise<QueryAnswer>): Promise<QueryAnswer> {
    const question = questionOf(request)
    if (question === undefined) return await make()
    let made: QueryAnswer | undefined
    const kept = await this.#kept.find(question, async () => {
      made = await make()
      // Whoever is answered may do with the bytes what they like.
      const body = made.body.slice()
      return { contentType: made.contentType, body, bytes: body.length + question.length * 2 + ENTRY_BYTES }
    })
    return made ?? this.#copyOf(kept)
  }

  #copyOf({ contentType, body }: Kept): QueryAnswer {
    const room = this.#room
    const copy = room.take(body.length).subarray(0, body.length)
    copy.set(body)
    return { contentType, body: copy, giveBack: () => room.giveBack(copy) }
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
