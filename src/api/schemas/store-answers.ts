import * as z from 'zod'

const count = z.number().min(0)
const names = z.array(z.string())
const retentions = z.array(z.object({ stepSeconds: z.number(), retentionSeconds: z.number() }))
const rule = z
  .object({ path: z.string(), line: z.int(), section: z.string(), pattern: z.string() })
  .nullable()
const use = { rule, series: count, examples: names }
const wayOfKeeping = z.object({ retentions, rollup: z.string(), xFilesFactor: z.number() })

export const rulesReport = z.object({
  series: count,
  schemas: z.array(z.object({ ...use, retentions })),
  aggregations: z.array(
    z.object({ ...use, method: z.string().nullable(), xFilesFactor: z.number().nullable() }),
  ),
  changed: count.nullable(),
  changes: z.array(
    z.object({
      before: wayOfKeeping,
      after: wayOfKeeping,
      series: count,
      examples: names,
      lost: z.array(
        z.object({ stepSeconds: z.number(), slots: count, fromMs: z.number(), untilMs: z.number() }),
      ),
      notMadeSteps: z.array(z.number()),
    }),
  ),
  dropped: z.array(z.object({ stepSeconds: z.number(), points: count, bytes: count })),
  bytesPerPoint: z.array(z.object({ stepSeconds: z.number(), bytes: z.number() })),
})

export const reloadReport = z.object({
  changed: names,
  needs_restart: names,
  warnings: names,
  rules: rulesReport.nullable(),
})

const size = { series: count, points: count, slots: count, bytes: count }

export const sizeReport = z.object({
  prefix: z.string(),
  ...size,
  children: z.array(
    z.object({
      path: z.string(),
      isLeaf: z.boolean(),
      isBranch: z.boolean(),
      ...size,
      firstSeenMs: z.number(),
      lastSeenMs: z.number(),
      lastQueriedMs: z.number().nullable(),
      lastQueriedFor: z.object({ dashboard: z.string(), panel: z.string().nullable() }).nullable(),
    }),
  ),
  others: z.object(size),
})

export const backupReport = z.object({
  path: z.string(),
  files: count,
  bytes: count,
  linked: z.boolean(),
})

export const deletionReport = z.object({ series: count, names, deleted: count })
export const importResult = z.object({ stored: count, outside: count, over_limit: count })
export const flushResult = z.object({ timestamp: z.int(), timestamp_ms: z.number(), series: count })

export const seriesToExport = z.object({
  series: z.array(
    z.object({ key: z.string(), rollup: z.string(), first_ms: z.number(), last_ms: z.number() }),
  ),
})

const metric = z.object({
  key: z.string(),
  type: z.string(),
  firstSeenMs: z.number(),
  lastSeenMs: z.number(),
  series: z.array(z.object({ key: z.string(), statistic: z.string(), percentile: z.number().optional() })),
})

export const metricList = z.object({ metrics: z.array(metric) })

export const serviceList = z.object({
  services: z.array(
    z.object({
      prefix: z.string(),
      environments: names,
      metricCount: count,
      types: z.array(z.object({ type: z.string(), count })),
      firstSeenMs: z.number(),
      lastSeenMs: z.number(),
      pulse: metric,
    }),
  ),
  count,
})

export const usageReport = z.object({
  series: z.array(
    z.object({
      key: z.string(),
      uses: z.array(
        z.object({
          dashboard: z.string().nullable(),
          panel: z.string().nullable(),
          count,
          lastMs: z.number(),
        }),
      ),
    }),
  ),
})

const evaluated = z.object({
  label: z.string(),
  from: z.number(),
  until: z.number(),
  series: count,
  points: count,
  finest_step: z.number().nullable(),
  coarsest_step: z.number().nullable(),
  children: z.array(z.record(z.string(), z.unknown())).describe('The same of each part, and of its parts.'),
})

export const explanation = z.object({
  from: z.number(),
  until: z.number(),
  targets: z.array(evaluated.extend({ target: z.string() })),
})
