/**
 * The keys that the last names and tags became. Most lines name a metric that was named a moment ago: comparing its bytes
 * is several times cheaper than making its key again, and whoever counts by key is handed the same string every time,
 * whose hash is known.
 *
 * A table of fixed size, a place and the one beside it for each hash: what is new takes the place of what was there. So it
 * is bounded, and names made up to collide cost as much as if there were no table.
 *
 *   arena    place 0: api.hits env:prod …   place 1: …        the bytes of name and tags, 96 for each place
 *   lengths  8, 8                                             how many of them are of the name and of the tags
 *   keys     api.hits;env=prod
 */
export class KeyMemory {
  /** Made with the first key: a decoder that is never used takes no memory. */
  #arena = new Uint8Array(0)
  #lengths = new Uint16Array(0)
  #keys: string[] = []
  /** The hash that was last looked for in vain in each place. */
  readonly #wanted = new Int32Array(PLACES)
  /** What was looked for last: its hash, and where it belongs, or -1 if it is too long. */
  #hash = 0
  #place = -1

  /** The key of the name `bytes[nameStart..nameEnd)` with the tags `bytes[tagsStart..tagsEnd)`; undefined if not known. */
  find(
    bytes: Uint8Array,
    nameStart: number,
    nameEnd: number,
    tagsStart: number,
    tagsEnd: number,
  ): string | undefined {
    const nameLength = nameEnd - nameStart
    const tagsLength = tagsEnd - tagsStart
    if (nameLength + tagsLength > PLACE_BYTES) {
      this.#place = -1
      return undefined
    }
    const hash = addHash(addHash(FIRST_HASH, bytes, nameStart, nameEnd), bytes, tagsStart, tagsEnd)
    const place = (hash ^ (hash >>> 15)) & (PLACES - 1)
    this.#hash = hash
    this.#place = place
    const lengths = packLengths(nameLength, tagsLength)
    if (
      this.#lengths[place] === lengths &&
      this.#holds(place, bytes, nameStart, nameEnd, tagsStart, tagsEnd)
    ) {
      return this.#keys[place]
    }
    const next = place ^ 1
    if (this.#lengths[next] === lengths && this.#holds(next, bytes, nameStart, nameEnd, tagsStart, tagsEnd)) {
      return this.#keys[next]
    }
    return undefined
  }

  #holds(
    place: number,
    bytes: Uint8Array,
    nameStart: number,
    nameEnd: number,
    tagsStart: number,
    tagsEnd: number,
  ): boolean {
    const arena = this.#arena
    let at = place * PLACE_BYTES
    for (let index = nameStart; index < nameEnd; index++) if (arena[at++] !== bytes[index]) return false
    for (let index = tagsStart; index < tagsEnd; index++) if (arena[at++] !== bytes[index]) return false
    return true
  }

  /**
   * Keeps the key of what was looked for last, in vain, if that is not the first time: what comes only once is not worth the
   * copying, and does not drive out what comes often.
   */
  keep(
    bytes: Uint8Array,
    nameStart: number,
    nameEnd: number,
    tagsStart: number,
    tagsEnd: number,
    key: string,
  ): void {
    const home = this.#place
    if (home < 0) return
    if (this.#wanted[home] !== this.#hash) {
      this.#wanted[home] = this.#hash
      return
    }
    if (this.#keys.length === 0) {
      this.#arena = new Uint8Array(PLACES * PLACE_BYTES)
      this.#lengths = new Uint16Array(PLACES)
      this.#keys = Array<string>(PLACES).fill('')
    }
    const place = this.#lengths[home] !== 0 && this.#lengths[home ^ 1] === 0 ? home ^ 1 : home
    const arena = this.#arena
    let at = place * PLACE_BYTES
    for (let index = nameStart; index < nameEnd; index++) arena[at++] = bytes[index] ?? 0
    for (let index = tagsStart; index < tagsEnd; index++) arena[at++] = bytes[index] ?? 0
    this.#lengths[place] = packLengths(nameEnd - nameStart, tagsEnd - tagsStart)
    this.#keys[place] = key
  }
}

const PLACES = 65_536
const PLACE_BYTES = 96

/** Never 0, which is a place without a key: a name has a byte at least. */
function packLengths(nameLength: number, tagsLength: number): number {
  return (nameLength << 8) | tagsLength
}

const FIRST_HASH = 0x811c9dc5
const HASH_FACTOR = 0x01000193

/** As FNV-1a, but four bytes at a time: the multiplications, which wait for each other, are what takes the time. */
function addHash(hash: number, bytes: Uint8Array, start: number, end: number): number {
  let sum = hash
  let at = start
  for (; at + 4 <= end; at += 4) {
    const word =
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24)
    sum = Math.imul(sum ^ word, HASH_FACTOR)
    sum ^= sum >>> 17
  }
  for (; at < end; at++) sum = Math.imul(sum ^ (bytes[at] ?? 0), HASH_FACTOR)
  return sum
}
