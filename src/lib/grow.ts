export type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array

/**
 * Copies a column into a longer one, and gives back the memory of the shorter. Left to the garbage collector, which sees a
 * few bytes of an object only, it would lie around for a long time. Memory of the longer one that is not written to yet costs
 * nothing.
 */
export function grow<Kind extends Column>(short: Kind, long: Kind): Kind {
  long.set(short)
  release(short)
  return long
}

/** Gives back the memory of a column, and of all others in the same buffer. They are empty after that. */
export function release(column: ArrayBufferView): void {
  if (column.buffer instanceof ArrayBuffer) column.buffer.transfer(0)
}

/** How long a column is at first that is to have so many rows. */
export function roomFor(rows: number): number {
  return Math.max(FIRST_ROWS, 2 ** Math.ceil(Math.log2(rows + 1)))
}

const FIRST_ROWS = 256
