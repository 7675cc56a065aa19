import { grow } from '../../lib/grow.ts'
import { KeyTable } from '../../lib/key-table.ts'

/**
 * Texts, each kept once and known by a number, as long as somebody uses it. Any text is one: what UTF-8 cannot say, a lone
 * surrogate, is kept as UTF-16 behind a byte that no UTF-8 has.
 */
export class NameTable {
  readonly #keys = new KeyTable()
  #uses = new Uint32Array(256)

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
    const name = this.#keys.use(encode(text))
    if (name >= this.#uses.length) this.#uses = grow(this.#uses, new Uint32Array(this.#uses.length * 2))
    this.#uses[name] = (this.#uses[name] ?? 0) + 1
    return name
  }

  /** One use less. The number of a text that nobody uses may be given to another. */
  release(name: number): void {
    const uses = (this.#uses[name] ?? 1) - 1
    this.#uses[name] = uses
    if (uses === 0) this.#keys.giveBack(name)
  }

  text(name: number): string {
    return decode(this.#keys.bytes(name))
  }
}

const IS_UTF16 = 0xff
const scratch = Buffer.alloc(4_096)

function encode(text: string): Uint8Array {
  if (!text.isWellFormed()) return Buffer.concat([Buffer.of(IS_UTF16), Buffer.from(text, 'utf16le')])
  if (text.length * 3 > scratch.length) return Buffer.from(text)
  return scratch.subarray(0, scratch.write(text))
}

function decode(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return bytes[0] === IS_UTF16 ? text.toString('utf16le', 1) : text.toString('utf8')
}
