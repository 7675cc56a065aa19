import * as z from 'zod'

const count = z.number().min(0)
const timeMs = z.number()

/** What `/ready?deep` says; where something is wrong, beside what every error says. */
export const deepReadiness = z.object({
  ready: z.boolean(),
  code: z.string().optional(),
  message: z.string().optional(),
  error: z.string().optional(),
  help: z.string().optional(),
  dependencies: z.array(z.object({ name: z.string(), problem: z.string().nullable() })),
  sinks: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      state: z.enum(['ok', 'retrying', 'refusing', 'behind']),
      queuedPoints: count,
      spoolBytes: count,
      oldestWaitingSeconds: count.nullable(),
      lastSuccessMs: timeMs.nullable(),
      lastError: z
        .object({ code: z.string().nullable(), message: z.string(), help: z.string().nullable() })
        .nullable(),
    }),
  ),
})
