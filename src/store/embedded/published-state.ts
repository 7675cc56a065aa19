import { MessagePort } from 'node:worker_threads'

/**
 * What the writer tells readers, in memory that all threads share:
 *
 *   0  how many times files were dropped or took the place of others; a change means that the directory lists otherwise
 *   1  points before this time are no longer kept, although a file may still hold some
 */
export class PublishedState {
  readonly buffer: SharedArrayBuffer
  readonly #words: BigInt64Array

  constructor(buffer = new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer
    this.#words = new BigInt64Array(buffer)
  }

  drop(keptFromMs: number): void {
    Atomics.store(this.#words, KEPT_FROM, BigInt(Math.trunc(keptFromMs)))
    Atomics.add(this.#words, DROPS, 1n)
  }

  /** A block has taken the place of other files. */
  replace(): void {
    Atomics.add(this.#words, DROPS, 1n)
  }

  get dropCount(): number {
    return Number(Atomics.load(this.#words, DROPS))
  }

  get keptFromMs(): number {
    return Number(Atomics.load(this.#words, KEPT_FROM))
  }
}

const DROPS = 0
const KEPT_FROM = 1

/** What another thread needs to read the store. Can be posted, if `heads` is transferred. For one reader. */
export interface SharedStore {
  readonly kind: 'embedded'
  readonly blocksPath: string
  readonly tiersPath: string
  readonly state: SharedArrayBuffer
  /** Tells of the heads: see head/head-set.ts. */
  readonly heads: MessagePort
}

export function isSharedStore(shared: unknown): shared is SharedStore {
  return (
    typeof shared === 'object' &&
    shared !== null &&
    'kind' in shared &&
    shared.kind === 'embedded' &&
    'blocksPath' in shared &&
    'tiersPath' in shared &&
    'state' in shared &&
    shared.state instanceof SharedArrayBuffer &&
    'heads' in shared &&
    shared.heads instanceof MessagePort
  )
}
