/** What the writer needs to know of a file that it no longer writes: a segment of the log, or a block. */
export interface StoredFile {
  readonly kind: 'segment' | 'block'
  /** Of a segment its number, twice; of a block those of the segments it stands for. */
  readonly first: number
  readonly last: number
  readonly path: string
  readonly lengthBytes: number
  /** More than `newestMs`: no points. */
  readonly oldestMs: number
  /** -Infinity: no points. */
  readonly newestMs: number
  readonly newestFlushMs: number
  readonly pointCount: number
  /** Deletes reach into the files before. */
  readonly hasDeletes: boolean
}
