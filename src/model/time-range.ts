/** Half open: a point at `startMs` is inside, one at `endMs` is not. Graphite's own rule (from exclusive, until inclusive) is applied where its requests are read. */
export interface TimeRange {
  readonly startMs: number
  readonly endMs: number
}
