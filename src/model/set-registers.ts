/**
 * How many different members there are, of sets that have too many to keep: the registers of a HyperLogLog, 2^14 per
 * set. aggregator/sketch/ fills and reads them.
 */
export interface SetRegisterColumns {
  readonly ids: Uint32Array
  /** Those of row i are `registers[i * REGISTER_COUNT .. (i + 1) * REGISTER_COUNT)`. */
  readonly registers: Uint8Array
}

export const REGISTER_BITS = 14
export const REGISTER_COUNT = 1 << REGISTER_BITS
/** A register has the highest number of leading zeros, plus one, of the bits that do not choose it; 0: no member chose it. */
export const HIGHEST_REGISTER = 64 - REGISTER_BITS + 1

export function toSetRegisterColumns(
  rows: readonly (readonly [id: number, registers: Uint8Array])[],
): SetRegisterColumns {
  const registers = new Uint8Array(rows.length * REGISTER_COUNT)
  for (const [row, [, ofOne]] of rows.entries()) registers.set(ofOne, row * REGISTER_COUNT)
  return { ids: Uint32Array.from(rows, ([id]) => id), registers }
}

/** The registers of one row, not a copy. */
export function setRegistersAt({ registers }: SetRegisterColumns, row: number): Uint8Array {
  return registers.subarray(row * REGISTER_COUNT, (row + 1) * REGISTER_COUNT)
}

/** Shards hand over every member; registers are filled where shards are merged. */
export const NO_SET_REGISTERS = toSetRegisterColumns([])
