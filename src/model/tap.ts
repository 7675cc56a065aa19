import type { LineSample } from './line-sample.ts'

/** Where what flows can be watched: as lines that come in, or as points behind each stage. */
export const TAP_STAGES = ['received', 'aggregated', 'stored', 'sent'] as const
export type TapStage = (typeof TAP_STAGES)[number]

/** What a thread is asked to show, for `WATCH_MS` from now. Plain data. */
export interface TapQuestion {
  /** Of the one who watches. */
  readonly id: number
  readonly stage: TapStage
  /** A pattern of names; undefined: all. */
  readonly pattern: string | undefined
  /** With `sent`: the name of the sink. */
  readonly sink: string | undefined
}

export type TapItem =
  | ({ readonly kind: 'line' } & LineSample)
  | { readonly kind: 'point'; readonly key: string; readonly value: number; readonly timeMs: number }
  | { readonly kind: 'event'; readonly title: string; readonly text: string; readonly timeMs: number }

/** What a thread shows of what it was asked for. */
export interface TapNews {
  readonly id: number
  readonly items: readonly TapItem[]
  /** So many more there were, of which some may not be asked for; of lines only whether there were any: then 1. */
  readonly leftOut: number
}

/** So long a thread goes on after it was asked, in milliseconds. */
export const TAP_WATCH_MS = 5_000
