/** What a backend made for etsy/statsd says of itself: `graphite.last_flush: 1700000000`. */
export interface BackendStat {
  /** As the backend calls itself. */
  readonly name: string
  readonly stat: string
  readonly value: number
}
