import { Readable } from 'node:stream'
import type { Clock } from '../lib/clock.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { QueryAnswer } from './services.ts'

/** How many answers go out in pieces at once, and for how long. */
export interface AnswerStreams {
  /**
   * The answer, counted until its last piece is out. Throws the KymoError `server-busy` where there are too many already. After the time an answer
   * ends with an error, by cutting its connection.
   */
  admit(answer: QueryAnswer): QueryAnswer
}

export interface AnswerStreamsOptions {
  readonly most: number
  readonly maxMs: number
  readonly clock: Clock
}

export function createAnswerStreams({ most, maxMs, clock }: AnswerStreamsOptions): AnswerStreams {
  let count = 0
  return {
    admit(answer) {
      if (answer.rest === undefined) return answer
      const rest = toReadable(answer.rest)
      if (count >= most) {
        rest.destroy()
        throw new KymoError('server-busy', { reason: `${count} large answers are going out` })
      }
      count += 1
      const timer = clock.after(maxMs, () => {
        rest.destroy(new KymoError('query-too-long', { seconds: maxMs / 1_000 }))
      })
      rest.once('close', () => {
        timer.cancel()
        count -= 1
      })
      return { ...answer, rest }
    },
  }
}

/** Pieces that stop being made when it is destroyed. */
export function toReadable(pieces: AsyncIterable<Uint8Array>): Readable {
  return pieces instanceof Readable ? pieces : Readable.from(pieces, { objectMode: false })
}
