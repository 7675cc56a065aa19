import type { Clock } from '../lib/clock.ts'
import { decodeBody } from './decode-body.ts'
import { createQueryGate } from './query-gate.ts'
import type { ApiServices } from './services.ts'

/** Bodies that wait are as they came; one whose turn it is may be so large once it is decompressed. */
const LINES_BYTES = 32 * 1024 * 1024
const LINES_GATE = { maxRunning: 4, maxWaiting: 28, maxWaitMs: 10_000, maxRunMs: 60_000 }
const NEVER_ABORTED = new AbortController().signal

/** Takes in bodies a few at a time, decompressed. */
export function gateLines(services: Pick<ApiServices, 'takeLines'>, clock: Clock): ApiServices['takeLines'] {
  const bodies = createQueryGate({ ...LINES_GATE, clock })
  return (lines) =>
    bodies.run(NEVER_ABORTED, async () => {
      // The thread that reads it uncompresses it: with that codec nothing can be had in pieces, or aside.
      if (lines.format === 'remote-write') return await services.takeLines(lines)
      const body = await decodeBody(lines.body, lines.coding, LINES_BYTES)
      return await services.takeLines({ ...lines, body, coding: undefined })
    })
}
