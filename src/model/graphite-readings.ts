/** What etsy's statsd tells of its Graphite, in series and on its console. Of the newest flush that was sent. */
export interface GraphiteReadings {
  /** When it was sent; when Kymo started, while there was none. */
  readonly lastFlushSeconds: number
  /** When sending last failed. 0: never. */
  readonly lastExceptionSeconds: number
  /** How long sending took. */
  readonly flushTimeMs: number
  readonly flushLengthBytes: number
  /** How long encoding took. */
  readonly calculationTimeMs: number
}
