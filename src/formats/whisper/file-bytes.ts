import { readSync, writeSync } from 'node:fs'

/** A file, as far as whisper's functions need one: in memory, or open. */
export interface FileBytes {
  /**
   * Fewer bytes only at the end of the file. What comes back may be the memory of the file itself, so it is not to be changed, and is valid until
   * something else is read from any file.
   */
  read(offsetBytes: number, lengthBytes: number): Uint8Array
  /** Within the file. */
  write(offsetBytes: number, bytes: Uint8Array): void
}

export function bytesInMemory(file: Uint8Array): FileBytes {
  return {
    read: (offset, length) => file.subarray(offset, offset + length),
    write: (offset, bytes) => file.set(bytes, offset),
  }
}

/** What is read from files, one piece after the other: a tree of whisper files is gigabytes of them. */
let lent = new Uint8Array(0)

/** The descriptor stays the caller's. Throws what the system says. */
export function bytesOfDescriptor(descriptor: number): FileBytes {
  return {
    read(offset, length) {
      if (lent.length < length) lent = new Uint8Array(length)
      const bytes = lent
      let filled = 0
      while (filled < length) {
        const count = readSync(descriptor, bytes, filled, length - filled, offset + filled)
        if (count === 0) break
        filled += count
      }
      return bytes.subarray(0, filled)
    },
    write(offset, bytes) {
      let written = 0
      while (written < bytes.length)
        written += writeSync(descriptor, bytes, written, bytes.length - written, offset + written)
    },
  }
}
