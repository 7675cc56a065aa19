/** A place in a file that is not as it was written. */
export interface Damage {
  readonly path: string
  readonly offsetBytes: number
  readonly lengthBytes: number
  /** What is wrong there, and what it costs: `a group of 8 chunks`. */
  readonly what: string
}

/** What a file holds, as far as it can be read. */
export interface FileContents {
  readonly path: string
  readonly kind: 'segment' | 'block'
  readonly bytes: number
  readonly pointCount: number
  readonly seriesCount: number
  /** More than `newestMs`: no points. */
  readonly oldestMs: number
  readonly newestMs: number
  readonly damages: readonly Damage[]
}
