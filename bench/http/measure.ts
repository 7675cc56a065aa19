import { quantileOf } from '../ingest/spread.ts'

export interface Spent {
  readonly p50: number
  readonly p99: number
}

/** Milliseconds that one after the other takes, from asking to the last byte. */
export async function measure(count: number, action: (turn: number) => Promise<unknown>): Promise<Spent> {
  for (let turn = 0; turn < Math.min(count, 20); turn++) await action(turn)
  const spent: number[] = []
  for (let turn = 0; turn < count; turn++) {
    const startMs = performance.now()
    await action(turn)
    spent.push(performance.now() - startMs)
  }
  return { p50: quantileOf(spent, 0.5), p99: quantileOf(spent, 0.99) }
}
