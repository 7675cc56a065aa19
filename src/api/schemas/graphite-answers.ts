import * as z from 'zod'

const flag = z.union([z.literal(0), z.literal(1)])
const tagValue = z.union([z.string(), z.number()])
const datapoint = z
  .tuple([z.number().nullable(), z.number()])
  .describe('Value, null where there is none, and epoch seconds.')

const series = z.object({
  target: z.string(),
  tags: z.record(z.string(), tagValue),
  datapoints: z.array(datapoint),
})

/** `format=json`, in both dialects, and `dygraph` and `rickshaw`. */
export const rendered = z.union([
  z.array(series),
  z.object({
    version: z.literal('v0.1'),
    meta: z.object({ stats: z.record(z.string(), z.number()) }),
    series: z.array(series.extend({ interval: z.number(), meta: z.array(z.record(z.string(), tagValue)) })),
  }),
  z.object({
    labels: z.array(z.string()).optional(),
    data: z.array(z.array(z.union([z.number(), z.string()]).nullable())).optional(),
  }),
  z.array(
    z.object({
      target: z.string(),
      datapoints: z.array(z.object({ x: z.number(), y: z.number().nullable() })),
    }),
  ),
])

const interval = z.object({ start: z.number(), end: z.number() })

/** By `format`: `treejson`, `completer`, `json` and `nodelist`. */
export const found = z.union([
  z.array(
    z.object({
      text: z.string(),
      id: z.string(),
      leaf: flag,
      expandable: flag,
      allowChildren: flag,
      context: z.object({}),
    }),
  ),
  z.object({
    metrics: z.array(
      z.object({
        path: z.string().optional(),
        name: z.string(),
        is_leaf: z.enum(['0', '1']).optional(),
      }),
    ),
  }),
  z.array(z.object({ path: z.string(), is_leaf: z.boolean(), intervals: z.array(interval).optional() })),
  z.object({ nodes: z.array(z.string()) }),
])

export const expanded = z.object({
  results: z.union([z.array(z.string()), z.record(z.string(), z.array(z.string()))]),
})

export const names = z.array(z.string())

export const functionEntry = z.object({
  name: z.string(),
  function: z.string(),
  description: z.string(),
  module: z.string(),
  group: z.string(),
  params: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      required: z.literal(true).optional(),
      multiple: z.literal(true).optional(),
      default: z.union([z.string(), z.number(), z.boolean()]).optional(),
      options: z.array(z.union([z.string(), z.number(), z.boolean()]).nullable()).optional(),
      suggestions: z.array(z.union([z.string(), z.number()])).optional(),
    }),
  ),
})

const functionsByName = z.record(z.string(), functionEntry)
/** With `grouped` by group. */
export const functionList = z.union([functionsByName, z.record(z.string(), functionsByName)])

export const tagNames = z.array(z.object({ tag: z.string() }))

export const tagValues = z
  .object({ tag: z.string(), values: z.array(z.object({ count: z.number(), value: z.string() })) })
  .nullable()
