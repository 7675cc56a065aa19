/** Says what series take up where they are kept. */
export interface SizeReader {
  /** What there is below a prefix, child by child. Stops when `signal` aborts, with its reason. */
  sizes(question: SizesQuestion, signal?: AbortSignal): Promise<StoredSizes>
  /** The files that there are and may be dropped for their age. */
  files(): Promise<readonly SizeOfFile[]>
}

export interface SizeOfFile {
  /** Of the tier; 0: it holds points as they came. */
  readonly stepMs: number
  /** Or slots; of a tier the files of one of its columns have them, the others none. */
  readonly points: number
  readonly bytes: number
  readonly oldestMs: number
  readonly newestMs: number
}

export interface SizesQuestion {
  /** `a.b`; empty: everything. */
  readonly prefix: string
  /** Paths of children, as `childPathOf` has them. */
  readonly children: readonly string[]
}

export interface StoredSizes {
  /** In the order of the question. */
  readonly ofChildren: readonly StoredSize[]
  /** Of all others below the prefix: names that have gone, too, as long as their points are there. */
  readonly others: StoredSize
}

export interface StoredSize {
  /** As they came. One that was written again counts twice until both are packed together. */
  readonly points: number
  /** Of coarser steps. */
  readonly slots: number
  /** Of the files, points and slots together. What several series have in common is divided among them. */
  readonly bytes: number
}
