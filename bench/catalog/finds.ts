import type { CatalogEntry } from '../../src/store/catalog.ts'
import { round } from './measure.ts'
import { threadMs } from './thread-clock.ts'

export interface Question {
  ask(): CatalogEntry[]
  /** Whether a series is to be found. */
  matches(key: string): boolean
}

const FINDS = 200
const CHECKED_EVERY = 50

/** `keys` are all there are, sorted. */
export function measureFinds(questionAt: (turn: number) => Question, keys: readonly string[]) {
  const times: number[] = []
  let most = 0
  let plainMs = 0
  for (let turn = 0; turn < FINDS; turn++) {
    const question = questionAt(turn)
    const startMs = threadMs()
    const answer = question.ask()
    times.push(threadMs() - startMs)
    most = Math.max(most, answer.length)
    if (turn % CHECKED_EVERY !== 0) continue
    const plainStartMs = threadMs()
    const plain = keys.filter((key) => question.matches(key))
    plainMs = threadMs() - plainStartMs
    if (plain.length !== answer.length || plain.some((key, place) => answer[place]?.identity.key !== key))
      throw new Error(`find ${turn} has ${answer.length} series, and there are ${plain.length}`)
  }
  times.sort((a, b) => a - b)
  const p50Ms = times[Math.floor(FINDS * 0.5)] ?? 0
  return {
    mostResults: most,
    p50Ms: round(p50Ms),
    p99Ms: round(times[Math.floor(FINDS * 0.99)] ?? 0),
    timesFasterThanLookingThroughAll: Math.round(plainMs / p50Ms),
  }
}
