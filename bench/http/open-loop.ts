// Questions that are asked when they are due, whether or not those before have been answered: as many people ask, who do not wait for each other.
import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { sleep } from '../ingest/child.ts'

export interface Schedule {
  /** Asked at once each time. */
  readonly batch: (turn: number) => readonly string[]
  readonly everyMs: number
  readonly turns: number
  /** Sees the whole answer, after its time has been taken, and throws where it is wrong. */
  readonly check: (body: Buffer, asked: Asked) => void
}

export interface Asked {
  readonly url: string
  readonly turn: number
  readonly index: number
  /** By the wall clock. */
  readonly dueMs: number
}

export interface Answered {
  /** From when each was due to its last byte. */
  readonly latenciesMs: readonly number[]
  /** By how much each was asked late: that much is the client's. */
  readonly askedLateMs: readonly number[]
  /** Answered with another status than 200. */
  readonly refused: number
  readonly bytes: number
  readonly seconds: number
}

/** Resolves with the last answer. */
export async function askOpenLoop({ batch, everyMs, turns, check }: Schedule): Promise<Answered> {
  // Nothing waits for a connection here.
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, maxFreeSockets: 256 })
  const latenciesMs: number[] = []
  const askedLateMs: number[] = []
  let [refused, bytes] = [0, 0]
  const ask = async (asked: Asked): Promise<void> => {
    askedLateMs.push(sinceDueMs(asked))
    const sent = request(asked.url, { agent })
    sent.end()
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    const pieces: Buffer[] = []
    for await (const piece of response) pieces.push(piece as Buffer)
    latenciesMs.push(sinceDueMs(asked))
    if (response.statusCode !== 200) {
      refused++
      return
    }
    const body = Buffer.concat(pieces)
    bytes += body.length
    check(body, asked)
  }
  const beginMs = nowMs()
  const answers: Promise<void>[] = []
  for (let turn = 0; turn < turns; turn++) {
    const dueMs = beginMs + turn * everyMs
    await sleep(Math.max(0, dueMs - nowMs()))
    for (const [index, url] of batch(turn).entries()) {
      const answer = ask({ url, turn, index, dueMs })
      // What is wrong with one is said at the end.
      answer.catch(() => {})
      answers.push(answer)
    }
  }
  await Promise.all(answers)
  agent.destroy()
  return { latenciesMs, askedLateMs, refused, bytes, seconds: (nowMs() - beginMs) / 1_000 }
}

/** The wall clock as it was when this process began, in fractions of a millisecond. */
function nowMs(): number {
  return performance.timeOrigin + performance.now()
}

function sinceDueMs({ dueMs }: Asked): number {
  return nowMs() - dueMs
}
