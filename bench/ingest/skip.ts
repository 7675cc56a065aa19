/** Something cannot be measured here; the message says why. */
export class Skip extends Error {
  override readonly name = 'Skip'
}
