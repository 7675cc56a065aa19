import type { ColumnMemory } from '../../lib/column-memory.ts'
import { grow, roomFor } from '../../lib/grow.ts'
import { type KeyRoom, KeyTable, type SharedKeys } from '../../lib/key-table.ts'

/**
 * Texts, each kept once and known by a number, as long as somebody uses it. Any text is one: what UTF-8 cannot say, a lone
 * surrogate, is kept as UTF-16 behind a byte that no UTF-8 has.
 */
export class NameTable {
  readonly #keys: KeyTable
  #uses: Uint32Array

  /** `room` is that of one like it. */
  constructor(room?: KeyRoom, memory?: ColumnMemory, keys = new KeyTable(room, memory)) {
    this.#keys = keys
    this.#uses = new Uint32Array(roomFor(room?.keys ?? 0))
  }

  /** To find texts in the table of another thread. */
  static over(shared: SharedKeys): NameTable {
    return new NameTable(undefined, undefined, KeyTable.over(shared))
  }

  /** See KeyTable. */
  get shared(): SharedKeys | undefined {
    return this.#keys.shared
  }

  get room(): KeyRoom {
    return this.#keys.room
  }

  get size(): number {
    return this.#keys.size
  }

  /** Numbers are below this. */
  get limit(): number {
    return this.#keys.slotLimit
  }

  /** -1: nobody uses it. */
  find(text: string): number {
    return this.#keys.find(encode(text))
  }

  /** Counts one more use. */
  use(text: string): number {
    const name = this.add(text)
    this.hold(name)
    return name
  }

  /** Its number, for which somebody has to count a use. */
  add(text: string): number {
    const name = this.#keys.use(encode(text))
    if (name >= this.#uses.length) this.#uses = grow(this.#uses, new Uint32Array(this.#uses.length * 2))
    return name
  }

  /** One use more. */
  hold(name: number): void {
    this.#uses[name] = (this.#uses[name] ?? 0) + 1
  }

  /** One use less. The number of a text that nobody uses may be given to another. */
  release(name: number): void {
    const uses = (this.#uses[name] ?? 1) - 1
    this.#uses[name] = uses
    if (uses === 0) this.#keys.giveBack(name)
  }

  /** Whether a text may begin with another, given in UTF-8; most of those that do not are told apart. */
  mayBeginWith(name: number, prefix: Uint8Array): boolean {
    return this.#keys.beginsWith(name, prefix) || this.#keys.beginsWith(name, UTF16_MARK)
  }

  /** All that it has memory in, to be released by who lets go of it. */
  get columns(): readonly ArrayBufferView[] {
    return [...this.#keys.columns, this.#uses]
  }

  text(name: number): string {
    // Nothing else begins with that byte.
    return this.#keys.beginsWith(name, UTF16_MARK)
      ? decodeUtf16(this.#keys.bytes(name))
      : this.#keys.key(name)
  }
}

const IS_UTF16 = 0xff
const UTF16_MARK = Uint8Array.of(IS_UTF16)
const MOST_BYTE_BY_BYTE = 96
const scratch = new Uint8Array(MOST_BYTE_BY_BYTE)
/** Of the scratch, by length. */
const views: Uint8Array[] = []

function encode(text: string): Uint8Array {
  const { length } = text
  if (length > MOST_BYTE_BY_BYTE) return encodeAny(text)
  // Most names are short and plain, and a call into the runtime costs more than they do.
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at)
    if (code >= 0x80) return encodeAny(text)
    scratch[at] = code
  }
  return (views[length] ??= scratch.subarray(0, length))
}

function encodeAny(text: string): Uint8Array {
  if (!text.isWellFormed()) return Buffer.concat([Buffer.of(IS_UTF16), Buffer.from(text, 'utf16le')])
  return Buffer.from(text)
}

function decodeUtf16(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf16le', 1)
}
