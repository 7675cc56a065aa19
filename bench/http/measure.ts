import { quantileOf } from '../ingest/spread.ts'

export interface Spent {
  readonly p50: number
  readonly p99: number
}

/** Milliseconds that one after the other takes, from asking to the last byte; what looks at the answer does not count. */
export async function measure(
  count: number,
  question: (turn: number) => Promise<() => void>,
): Promise<Spent> {
  for (let turn = 0; turn < Math.min(count, 20); turn++) (await question(turn))()
  const spent: number[] = []
  for (let turn = 0; turn < count; turn++) {
    const startMs = performance.now()
    const check = await question(turn)
    spent.push(performance.now() - startMs)
    check()
  }
  return { p50: quantileOf(spent, 0.5), p99: quantileOf(spent, 0.99) }
}

/**
 * Milliseconds of each question, of several who are asked the same: one after the other, so that all meet the same neighbours. Who is asked
 * first changes from turn to turn.
 */
export async function measureInTurns<Asked>(
  asked: readonly Asked[],
  count: number,
  question: (one: Asked, turn: number) => Promise<() => void>,
): Promise<Map<Asked, number[]>> {
  const spent = new Map(asked.map((one) => [one, [] as number[]]))
  for (let turn = 0; turn < count; turn++) {
    const order = turn % 2 === 0 ? asked : asked.toReversed()
    for (const one of order) {
      const startMs = performance.now()
      const check = await question(one, turn)
      spent.get(one)?.push(performance.now() - startMs)
      check()
    }
  }
  return spent
}
