/** Why a piece of a time expression cannot be read. parseTimeExpression turns it into the KymoError `time-invalid`. */
export class NotATime extends Error {
  override readonly name = 'NotATime'
}
