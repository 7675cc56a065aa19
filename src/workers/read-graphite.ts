import type { SinkStatus } from '../api/services.ts'
import type { GraphiteReadings } from '../model/graphite-readings.ts'

export type Sent = Pick<SinkStatus, 'lastFlushMs' | 'lastFailureMs' | 'lastSending'>

/** In whole numbers, as etsy's are. Without a status nothing has been sent. */
export function readGraphite(sent: Sent | undefined, startedAtMs: number): GraphiteReadings {
  return {
    lastFlushSeconds: Math.round((sent?.lastFlushMs ?? startedAtMs) / 1_000),
    lastExceptionSeconds: Math.round((sent?.lastFailureMs ?? 0) / 1_000),
    flushTimeMs: Math.round(sent?.lastSending?.sendingMs ?? 0),
    flushLengthBytes: sent?.lastSending?.bytes ?? 0,
    calculationTimeMs: Math.round(sent?.lastSending?.encodingMs ?? 0),
  }
}
