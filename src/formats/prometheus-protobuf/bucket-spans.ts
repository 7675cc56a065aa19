export interface BucketSpans {
  /** So many buckets in a row, so far behind the end of the span before; the first, from bucket 0. */
  readonly spans: readonly { readonly offset: number; readonly length: number }[]
  /** Each count less the one before. */
  readonly deltas: readonly number[]
}

/** The buckets of a native histogram, by index, as Prometheus sends them. */
export function bucketSpans(buckets: ReadonlyMap<number, number>): BucketSpans {
  const spans: { offset: number; length: number }[] = []
  const deltas: number[] = []
  let next = 0
  let countBefore = 0
  for (const [index, count] of [...buckets].sort(([a], [b]) => a - b)) {
    const last = spans.at(-1)
    if (last !== undefined && index === next) last.length += 1
    else spans.push({ offset: index - next, length: 1 })
    deltas.push(count - countBefore)
    next = index + 1
    countBefore = count
  }
  return { spans, deltas }
}
