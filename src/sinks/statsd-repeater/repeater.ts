/** Passes on to one destination. Never waits, never throws. */
export interface Repeater {
  /** `packet` is only good until this returns. */
  pass(packet: Uint8Array): void
  close(): void
}

export interface RepeaterOptions {
  readonly host: string
  readonly port: number
  /** What may wait. */
  readonly bufferBytes: number
  /** So many packets are lost. */
  readonly onLost: (packets: number) => void
  /** Something is wrong, or, undefined, is right again. */
  readonly onTrouble: (reason: string | undefined) => void
}
