import type { Tag } from './series-key.ts'

/**
 * Something that happened, as DogStatsD's `_e{…}` and `_sc|…` tell it or POST /events: not a number, and never aggregated.
 * Plain data; all text is as hostile as a metric's name.
 */
export interface MetricEvent {
  readonly kind: 'event' | 'service_check'
  /** When it happened, or when it was received if it did not say. */
  readonly timeMs: number
  /** Title of an event, name of a service check. Not empty. */
  readonly title: string
  /** Text of an event, message of a service check; lines are divided by LF. */
  readonly text: string
  readonly tags: readonly Tag[]
  readonly hostname?: string
  readonly aggregationKey?: string
  readonly sourceType?: string
  readonly priority?: 'normal' | 'low'
  readonly alertType?: 'error' | 'warning' | 'info' | 'success'
  /** Of a service check: 0 ok, 1 warning, 2 critical, 3 unknown. */
  readonly status?: 0 | 1 | 2 | 3
}
