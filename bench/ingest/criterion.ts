import { rounded } from './spread.ts'

/** A target, and whether it was met. Meeting it is news, not a condition: slow is no error. */
export interface Criterion {
  readonly what: string
  readonly value: number
  readonly atMost?: number
  readonly atLeast?: number
  readonly verdict: 'ok' | 'miss'
}

export function atMost(limit: number, what: string, value: number): Criterion {
  return { what, value: rounded(value), atMost: limit, verdict: value <= limit ? 'ok' : 'miss' }
}

export function atLeast(limit: number, what: string, value: number): Criterion {
  return { what, value: rounded(value), atLeast: limit, verdict: value >= limit ? 'ok' : 'miss' }
}
