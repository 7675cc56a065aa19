/**
 * Datagrams, or pieces of streams that end with whole lines, as they were received and before anything was made of them, but without
 * LFs at their end. For sinks that pass them on; one that no sink asks for is not copied.
 */
export interface PacketBatch {
  /** Packet i is `bytes[ends[i - 1] .. ends[i])`. */
  readonly bytes: Uint8Array
  readonly ends: Uint32Array
  /** Who sent each, where that is known: `address` '' and `port` 0 if not. */
  readonly senders: readonly PacketSender[]
}

export interface PacketSender {
  readonly address: string
  readonly port: number
}
