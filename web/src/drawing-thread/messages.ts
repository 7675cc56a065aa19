import type { EventEntry } from '../api.ts'
import type { DrawnSeries } from '../charts/drawn-series.ts'
import type { Aligned } from '../explore/aligned.ts'
import type { SeriesStats } from '../explore/series-stats.ts'
import type { Unit } from '../format.ts'
import type { CanvasStyle } from '../theme.ts'
import type { Span } from '../time/time-text.ts'

/** What the page and the thread that draws for it tell each other. */
export type ToDrawingThread =
  | { readonly kind: 'ask'; readonly ask: Ask }
  | { readonly kind: 'forget'; readonly id: number }
  | { readonly kind: 'canvas'; readonly chart: number; readonly canvas: OffscreenCanvas }
  | { readonly kind: 'draw'; readonly pictures: readonly Picture[] }
  | { readonly kind: 'close'; readonly chart: number }

export interface FromDrawingThread {
  /** By the number of who asked. */
  readonly answers: readonly (readonly [id: number, answer: Answer])[]
}

/** The series of some targets, for one chart. Asking again under the same number takes the place of what was asked before. */
export interface Ask {
  readonly id: number
  readonly targets: readonly string[]
  /** Of the series only these, in this order; null: all, as they come. */
  readonly names: readonly string[] | null
  /** Of so many the points are wanted; of all, what they sum up to. */
  readonly mostDrawn: number
  readonly maxDataPoints: number
  readonly zone: string
  readonly dashboard: string | undefined
  readonly span: AskedSpan
}

export interface AskedSpan extends Span {
  /** Kymo's clock. */
  readonly nowSeconds: number
}

export interface Answer {
  /** For whom it was asked; some points may still be of the span before. null: nothing was asked yet. */
  readonly span: AskedSpan | null
  /** Those that are answered. */
  readonly targets: readonly AnsweredTarget[]
  /** All of them; the points are of the first. */
  readonly series: readonly AnsweredSeries[]
  readonly points: DrawablePoints
  /** Nothing of it is under way. */
  readonly isWhole: boolean
}

export interface AnsweredTarget {
  /** '': all of them. */
  readonly target: string
  readonly problem: string | null
  readonly hasValues: boolean
}

export interface AnsweredSeries {
  readonly target: string
  readonly stepSeconds: number
  readonly readStepSeconds: number | null
  readonly stats: SeriesStats
}

/** Points of which the thread that draws has a copy: it is told which, not what is in them. */
export interface DrawablePoints extends Aligned {
  /** Of who asked for them. */
  readonly id: number
  readonly version: number
}

/** What a chart of lines shows beside its points. */
export interface LineScene {
  readonly series: readonly DrawnSeries[]
  readonly span: Span
  readonly events: readonly EventEntry[]
  readonly unit: Unit
  /** Each stands on those before it, and is filled. */
  readonly isStacked: boolean
}

export interface Picture {
  readonly chart: number
  readonly points: { readonly id: number; readonly version: number }
  readonly scene: LineScene
  readonly width: number
  readonly height: number
  readonly pixelRatio: number
  readonly zone: string
  readonly style: CanvasStyle
}
