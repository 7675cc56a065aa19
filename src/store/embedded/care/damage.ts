/** A place in a file that is not as it was written. */
export interface Damage {
  readonly path: string
  readonly offsetBytes: number
  readonly lengthBytes: number
  /** What is wrong there, and what it costs: `a group of 8 chunks`. */
  readonly what: string
}

/** What one tier holds. */
export interface TierContents {
  readonly stepMs: number
  /** Slots of series that have a value. */
  readonly slotCount: number
  readonly bytes: number
  /** Of slots; more than `newestMs`: there are none. */
  readonly oldestMs: number
  readonly newestMs: number
  /** Five of each slot: count, sum, min, max, last. */
  readonly files: readonly FileContents[]
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
