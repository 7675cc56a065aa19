/**
 * A series as it is drawn: seconds, equal steps, nulls. The series of queries are such.
 */
export interface GraphSeries {
  readonly name: string
  readonly startSeconds: number
  readonly stepSeconds: number
  /** NaN: null. */
  readonly values: Float64Array
  /** How the values of one column of pixels become one. */
  readonly consolidation: 'average' | 'avg_zero' | 'sum' | 'max' | 'min' | 'first' | 'last'
  /** Share of them that has to be there; none: any. */
  readonly xFilesFactor?: number
  readonly style?: GraphStyle
}

/** What functions ask of the graph, as they wrote it. */
export interface GraphStyle {
  readonly color?: string
  /** Pixels. */
  readonly lineWidth?: number
  /** Length of a dash, in pixels. */
  readonly dashed?: number
  /** 0: transparent, 1: opaque. */
  readonly alpha?: number
  /** It is filled down to the stacked series before it; its values are sums already. */
  readonly isStacked?: boolean
  readonly isInvisible?: boolean
  readonly isOnSecondYAxis?: boolean
  /** Each value that is not 0 is a line from the bottom to the top. */
  readonly isDrawnAsInfinite?: boolean
}

/** What is drawn besides the series: the range of time that was asked for, and its zone. */
export interface GraphWindow {
  readonly fromSeconds: number
  readonly untilSeconds: number
  readonly timeZone: GraphTimeZone
}

/** Local times of a zone, and back. */
export interface GraphTimeZone {
  readonly name: string
  toCivilTime(epochSeconds: number): GraphCivilTime
  toEpochSeconds(civil: GraphCivilTime): number
}

export interface GraphCivilTime {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}
