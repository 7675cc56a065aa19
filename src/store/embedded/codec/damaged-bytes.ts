/** Bytes that no encoder of ours made. The only thing that decoders throw, whatever they are given. */
export class DamagedBytes extends Error {
  constructor(reason: string) {
    super(`the bytes are damaged: ${reason}`)
    this.name = 'DamagedBytes'
  }
}
