import type { Page } from './page.ts'

/**
 * The memory of one head: all that one segment of the log holds, by series, compressed, where every thread can read it.
 * It only grows, in pages of one size, until all of it is let go of at once.
 *
 *   slots   64 bytes a series, by the number that the series has in its segment
 *      0  first time, last time, last distance, last value   4 x f64   the last three are the writer's
 *     32  points                u32   how many a reader may decode
 *     36  first piece           u32   address of its stream of points
 *     40  write, piece's end    2 x u32   addresses; the writer's
 *     48  room and digits       u32   the writer's: see point-stream.ts
 *     52  flags                 u32   and bytes of the piece that is being written << 8, the writer's
 *     56  entry                 u32   address of what it is called and what it is; 0: not known
 *     60  last delete           u32   address; 0: none
 *   bytes   entries, pieces of streams, deletes. An address is a page's number << 16 | an offset in it. Address 0 is nothing
 *   table   places of two words, by the hash of the key, open addressing: number + 1, 0 if it is free; the hash. A larger one
 *           takes its place when three quarters are taken
 */
export class HeadPages {
  readonly number: number
  /** Of the hash of keys: nobody who sends metrics can know which keys collide. */
  readonly seed: number
  readonly slots: Page[] = []
  readonly bytes: Page[] = []
  table: Uint32Array = new Uint32Array(WORDS_PER_PLACE)
  readonly #catchUp: () => void

  /** `catchUp` takes in the pages that the writer has announced meanwhile. */
  constructor({ number, seed }: HeadName, catchUp: () => void) {
    this.number = number
    this.seed = seed
    this.#catchUp = catchUp
  }

  /** The page a slot is in. */
  slotPage(slot: number): Page {
    return this.slots[slot >>> SLOT_BITS] ?? this.#fetch(this.slots, slot >>> SLOT_BITS)
  }

  /** The page an address is in. */
  bytePage(address: number): Page {
    return this.bytes[address >>> PAGE_BITS] ?? this.#fetch(this.bytes, address >>> PAGE_BITS)
  }

  #fetch(pages: readonly Page[], index: number): Page {
    this.#catchUp()
    const page = pages[index]
    // A page is announced before anything in it is published.
    if (page === undefined) throw new Error(`BUG: page ${index} of head ${this.number} was never announced`)
    return page
  }
}

export interface HeadName {
  readonly number: number
  readonly seed: number
}

export const PAGE_BITS = 16
export const PAGE_BYTES = 1 << PAGE_BITS
export const OFFSET_MASK = PAGE_BYTES - 1

const SLOT_BYTE_BITS = 6
/** A slot's page is its number shifted by so much; its place there what is left. */
export const SLOT_BITS = PAGE_BITS - SLOT_BYTE_BITS
export const SLOT_MASK = (1 << SLOT_BITS) - 1
export const WORDS_PER_SLOT = 1 << (SLOT_BYTE_BITS - 2)
export const DOUBLES_PER_SLOT = 1 << (SLOT_BYTE_BITS - 3)

export const WORDS_PER_PLACE = 2

/** Places in a slot, in doubles. */
export const SLOT_DOUBLE = { firstTime: 0, lastTime: 1, lastDistance: 2, lastValue: 3 } as const
/** Places in a slot, in words. */
export const SLOT_WORD = {
  points: 8,
  firstPiece: 9,
  write: 10,
  pieceEnd: 11,
  room: 12,
  flags: 13,
  entry: 14,
  lastDelete: 15,
} as const
export const SLOT_FLAG = {
  /** A point was not newer than the one before. */
  outOfOrder: 1,
  /** What was written last is a run that can grow. */
  openRun: 2,
} as const

/** What a thread needs to read a head that is complete. Can be posted as it is. */
export interface SharedHead extends HeadName {
  readonly slotCount: number
  readonly slots: readonly SharedArrayBuffer[]
  readonly bytes: readonly SharedArrayBuffer[]
}
