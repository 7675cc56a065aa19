/** Shared memory, and how it is looked at. */
export interface Page {
  readonly buffer: SharedArrayBuffer
  readonly bytes: Uint8Array
  readonly words: Uint32Array
  readonly doubles: Float64Array
}

export function pageOf(buffer: SharedArrayBuffer): Page {
  return {
    buffer,
    bytes: new Uint8Array(buffer),
    words: new Uint32Array(buffer),
    doubles: new Float64Array(buffer),
  }
}
