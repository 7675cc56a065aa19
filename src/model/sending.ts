/** What it took to send one batch, by sinks that measure it. */
export interface Sending {
  /** Making the bytes. */
  readonly encodingMs: number
  /** Handing them over, the connection included if there was none. */
  readonly sendingMs: number
  readonly bytes: number
}
