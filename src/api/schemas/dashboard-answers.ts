import * as z from 'zod'
import { dashboardSchema } from '../../dashboards/dashboard.ts'

export const dashboardListing = z.object({
  dashboards: z.array(
    z.object({ id: z.string(), title: z.string(), panels: z.int().min(0), revision: z.string() }),
  ),
  damaged: z.array(z.object({ file: z.string(), problem: z.string() })),
  unread: z.int().min(0),
})

export const storedDashboard = z.object({
  id: z.string(),
  revision: z.string(),
  dashboard: dashboardSchema,
})

export const deletedDashboard = z.object({ id: z.string() })

export const importedDashboard = z.object({
  kind: z.enum(['grafana', 'graphite', 'kymo']),
  id: z.string(),
  dashboard: dashboardSchema,
  notTaken: z.array(z.object({ where: z.string(), what: z.string(), why: z.string() })),
})
