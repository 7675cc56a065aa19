import type { SeriesKey } from '../../../model/series-key.ts'

/** A key as bytes, and what they hash to. One object is used over and over: what it says is good until the next key. */
export class KeyBytes {
  bytes = new Uint8Array(512)
  length = 0
  /** UTF-8 cannot say a lone surrogate. */
  isUtf16 = false
  hash = 0

  set(key: SeriesKey, seed: number): void {
    if (key.length > this.bytes.length) this.bytes = new Uint8Array(key.length * 2)
    const { bytes } = this
    let hash = seed
    // Nearly all keys are ASCII, which takes no encoder.
    for (let index = 0; index < key.length; index++) {
      const code = key.charCodeAt(index)
      if (code >= 128) {
        this.#setText(key, seed)
        return
      }
      bytes[index] = code
      hash = mix(hash, code)
    }
    this.length = key.length
    this.isUtf16 = false
    this.hash = finish(hash)
  }

  #setText(key: SeriesKey, seed: number): void {
    this.isUtf16 = !key.isWellFormed()
    const text = Buffer.from(key, this.isUtf16 ? 'utf16le' : 'utf8')
    if (text.length > this.bytes.length) this.bytes = new Uint8Array(text.length * 2)
    this.bytes.set(text)
    this.length = text.length
    let hash = seed
    for (const byte of text) hash = mix(hash, byte)
    this.hash = finish(hash)
  }
}

function mix(hash: number, byte: number): number {
  const mixed = Math.imul(hash ^ byte, 0x5bd1_e995)
  return mixed ^ (mixed >>> 15)
}

function finish(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35 | 0)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
