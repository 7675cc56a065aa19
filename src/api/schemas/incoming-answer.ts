import * as z from 'zod'
import { LINE_OUTCOMES } from '../../model/line-sample.ts'

export const incomingLines = z.object({
  lines: z.array(
    z.object({
      id: z.int().min(1),
      listener: z.string(),
      line: z.string(),
      sender: z.string(),
      atMs: z.number(),
      outcome: z.enum(LINE_OUTCOMES),
      metrics: z.array(z.object({ key: z.string(), type: z.string() })),
      reason: z.string().nullable(),
    }),
  ),
  lastId: z.int().min(0),
})
