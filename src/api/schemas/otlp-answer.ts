import * as z from 'zod'

export const OTLP_ANSWER = z.object({
  partialSuccess: z
    .object({
      rejectedDataPoints: z.string().describe('How many were refused: a whole number, as text.'),
      errorMessage: z.string().describe('The first of them, and why.'),
    })
    .optional()
    .describe('Left out: none was refused.'),
})
