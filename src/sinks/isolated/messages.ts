import type { LetterCode } from '../sink.ts'
import type { BackendStat } from '../../model/backend-stat.ts'
import type { MetricEvent } from '../../model/event.ts'
import type { PacketBatch } from '../../model/packet-batch.ts'
import type { FlushMessage, PointMessage } from '../../model/series-link.ts'
import type { LogLevel } from '../../telemetry/log.ts'

/** What a module is: a sink of our contract, or a backend of etsy's. */
export type ModuleKind = 'sink' | 'statsd-backend'

/** What the thread of a module is born with. */
export interface ModulePlan {
  readonly kind: ModuleKind
  /** Name of the sink. */
  readonly name: string
  /** A path, or the name of a package. */
  readonly module: string
  /** Where paths start and packages are looked for. Absolute. */
  readonly directory: string
  /** For the module: of a backend, the whole configuration. */
  readonly options: unknown
  readonly logLevel: LogLevel
}

/** What can be handed to a module. Answered one at a time, but for packets. */
export type ModuleTask =
  | { readonly kind: 'flush'; readonly batch: FlushMessage }
  | { readonly kind: 'points'; readonly batch: PointMessage }
  | { readonly kind: 'events'; readonly batch: readonly MetricEvent[] }

export type ToModule =
  | { readonly kind: 'task'; readonly id: number; readonly task: ModuleTask }
  | { readonly kind: 'abort'; readonly id: number; readonly reason: string }
  | { readonly kind: 'packets'; readonly batch: PacketBatch }
  | { readonly kind: 'close' }

export type FromModule =
  | { readonly kind: 'loaded'; readonly carries: ModuleCarries }
  | {
      readonly kind: 'done'
      readonly id: number
      readonly refusedPoints: number
      readonly stats: readonly BackendStat[]
    }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: ModuleFailure }
  | { readonly kind: 'tookPackets'; readonly byteCount: number }
  | {
      readonly kind: 'deadLetters'
      readonly reason: string
      readonly items: readonly unknown[]
      readonly code: LetterCode | undefined
    }
  | { readonly kind: 'closed' }

/** Which methods a module has. */
export type ModuleCarries = Readonly<Record<'flush' | 'points' | 'events' | 'packets', boolean>>

export interface ModuleFailure {
  readonly reason: string
  /** true: for as long as it takes; false: never again; undefined: it did not say. */
  readonly isRetryable: boolean | undefined
  readonly retryAfterMs: number | undefined
}
