/** One tier: a value per step, kept for so long. */
export interface Retention {
  readonly stepSeconds: number
  /** A multiple of the step. */
  readonly retentionSeconds: number
}
