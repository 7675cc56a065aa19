/** The bytes are no partial aggregate that this Kymo reads. */
export class DamagedPartialError extends Error {
  /** What is wrong, for a log line: `the checksum does not match`. */
  readonly reason: string
  /** Where it was noticed. */
  readonly offsetBytes: number

  constructor(reason: string, offsetBytes: number) {
    super(`${reason} (at byte ${offsetBytes})`)
    this.name = 'DamagedPartialError'
    this.reason = reason
    this.offsetBytes = offsetBytes
  }
}
