import * as z from 'zod'

const kind = z.enum(['event', 'service_check'])
const tags = z.array(z.string())

/** What only some events have. */
const more = {
  hostname: z.string().optional(),
  aggregationKey: z.string().optional(),
  sourceType: z.string().optional(),
  priority: z.enum(['normal', 'low']).optional(),
  alertType: z.enum(['error', 'warning', 'info', 'success']).optional(),
  status: z.int().min(0).max(3).optional(),
}

/** As Graphite writes it. */
export const graphiteEvent = z.object({
  id: z.int(),
  what: z.string(),
  when: z.int(),
  data: z.string(),
  tags,
  kind,
  ...more,
})

export const event = z.object({
  id: z.int(),
  kind,
  timeMs: z.number(),
  title: z.string(),
  text: z.string(),
  tags,
  ...more,
})
