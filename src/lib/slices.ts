/**
 * Work that can be put down and taken up again: each `next` does a little of it, some microseconds up to a millisecond, and the last
 * one has the result. Whatever it works on may have changed in between.
 */
export type Slices<Result> = Generator<void, Result, void>

/** All of it now. */
export function atOnce<Result>(slices: Slices<Result>): Result {
  for (;;) {
    const step = slices.next()
    if (step.done === true) return step.value
  }
}
