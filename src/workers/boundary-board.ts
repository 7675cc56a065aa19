/**
 * Where shards post that they have closed an interval: one 64-bit slot per shard in shared memory, holding the end
 * of the newest interval it has sealed. A shard first sends its partial aggregate, then posts; so once the keeper
 * sees the post, the partial is in its port. The keeper waits without a message and never longer than it chooses.
 */
export class BoundaryBoard {
  readonly #sealedThroughMs: BigInt64Array

  constructor(buffer: SharedArrayBuffer) {
    this.#sealedThroughMs = new BigInt64Array(buffer)
  }

  static allocate(shardCount: number): SharedArrayBuffer {
    return new SharedArrayBuffer(shardCount * BigInt64Array.BYTES_PER_ELEMENT)
  }

  /** By the shard: everything up to `intervalEndMs` has been sent. */
  post(shardId: number, intervalEndMs: number): void {
    Atomics.store(this.#sealedThroughMs, shardId, BigInt(intervalEndMs))
    Atomics.notify(this.#sealedThroughMs, shardId)
  }

  /** By the keeper: resolves to the shards that have not posted this end within `timeoutMs`. */
  async waitForAll(intervalEndMs: number, shardIds: readonly number[], timeoutMs: number): Promise<number[]> {
    const late = await Promise.all(shardIds.map((shardId) => this.#isLate(shardId, intervalEndMs, timeoutMs)))
    return shardIds.filter((_, index) => late[index])
  }

  async #isLate(shardId: number, intervalEndMs: number, timeoutMs: number): Promise<boolean> {
    const wanted = BigInt(intervalEndMs)
    for (;;) {
      const posted = Atomics.load(this.#sealedThroughMs, shardId)
      if (posted >= wanted) return false
      const wait = Atomics.waitAsync(this.#sealedThroughMs, shardId, posted, timeoutMs)
      const outcome = wait.async ? await wait.value : wait.value
      if (outcome === 'timed-out') return true
    }
  }
}
