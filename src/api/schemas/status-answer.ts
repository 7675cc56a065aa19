import * as z from 'zod'

const count = z.number().min(0)
const timeMs = z.number()
const rejection = z.object({
  listener: z.string(),
  reason: z.string(),
  line: z.string(),
  sender: z.string(),
  atMs: timeMs,
})
const error = z.object({
  code: z.string(),
  details: z.record(z.string(), z.union([z.string(), z.number()])),
})

export const statusReport = z.object({
  version: z.string(),
  startedAtMs: timeMs,
  nowMs: timeMs,
  pid: z.int(),
  nodeVersion: z.string(),
  timeZone: z.string(),
  flushIntervalMs: z.number(),
  lastFlushMs: timeMs,
  nextFlushMs: timeMs,
  addresses: z.record(z.string(), z.array(z.string())),
  receiver: z.enum(['recvmmsg', 'dgram']).nullable(),
  store: z.object({
    isEnabled: z.boolean(),
    path: z.string().nullable(),
    points: count,
    bytes: count,
    waitingPoints: count,
    recovery: z.object({ doneBytes: count, totalBytes: count }).nullable(),
    refusedTimes: z.array(z.object({ key: z.string(), timeMs: z.number(), atMs: timeMs })),
    problem: z.object({ code: z.string(), message: z.string(), help: z.string() }).nullable(),
  }),
  metricCount: count,
  seriesCount: count,
  lines: z.object({
    received: count,
    accepted: count,
    rejected: count,
    rejectedByReason: z.record(z.string(), count),
  }),
  packets: z.object({ received: count, droppedByKernel: count }),
  limits: z.object({
    refused: count,
    lastRefusedMs: timeMs.nullable(),
    offenders: z.array(
      z.object({
        prefix: z.string(),
        limit: z.object({ prefix: z.string(), series: z.number() }),
        refused: count,
        examples: z.array(z.string()),
      }),
    ),
  }),
  sinks: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      state: z.enum(['ok', 'retrying', 'refusing', 'behind']),
      queuedPoints: count,
      spoolBytes: count,
      oldestMs: timeMs.nullable(),
      sentPoints: count,
      droppedPoints: count,
      droppedByReason: z.record(z.string(), count),
      lastError: z.string().nullable(),
      lastErrorCode: z.string().nullable(),
      lastErrorHelp: z.string().nullable(),
      lastSuccessMs: timeMs.nullable(),
      lastFlushMs: timeMs.nullable(),
      lastSending: z.object({ encodingMs: count, sendingMs: count, bytes: count }).nullable(),
      lastFailureMs: timeMs.nullable(),
      backendStats: z.array(z.object({ name: z.string(), stat: z.string(), value: z.number() })).optional(),
    }),
  ),
  configuration: z.object({ readAtMs: timeMs, needRestart: z.array(z.string()) }),
  lastRejection: rejection.nullable(),
  firstMetric: z.object({ key: z.string(), type: z.string(), afterMs: z.number() }).nullable(),
  lastError: error.nullable(),
})
