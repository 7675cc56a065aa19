import * as z from 'zod'
import { compileLinearRegex } from '../../lib/linear-regex.ts'
import { parseGoDuration } from './go-duration.ts'
import {
  DEFAULT_MAPPED_AS,
  type HistogramOptions,
  MAPPED_TYPES,
  type Mapping,
  type MappingRule,
  type SummaryOptions,
} from './mapping.ts'

// The shape of statsd_exporter's mapping file, and what becomes of it. What a schema sets no message for is told from its type.

const MOST_RULES = 10_000
const MOST_QUANTILES = 100
const MOST_BUCKETS = 1_000
const LONGEST_TEXT = 4_096

/** Text; numbers and words of YAML are what they are written as. */
const text = z
  .union([z.string().max(LONGEST_TEXT), z.number(), z.boolean()], { error: 'text' })
  .transform((value) => String(value))

const duration = z
  .union([z.string(), z.literal(0)], { error: 'a duration such as 1m30s' })
  .transform((value, context) => {
    const durationMs = parseGoDuration(String(value))
    if (durationMs !== undefined) return durationMs
    context.addIssue({ code: 'custom', message: 'a duration such as 1m30s' })
    return z.NEVER
  })

const summaryOptions = z.strictObject({
  quantiles: z
    .array(z.strictObject({ quantile: z.number().min(0).max(1), error: z.number().min(0).max(1).default(0) }))
    .max(MOST_QUANTILES)
    .optional(),
  max_age: duration.optional(),
  age_buckets: z.int().min(0).max(1_000).optional(),
  buf_cap: z.int().min(0).max(1_000_000_000).optional(),
})

const histogramOptions = z.strictObject({
  buckets: z
    .array(z.number())
    .max(MOST_BUCKETS)
    .refine((edges) => edges.every((edge, index) => index === 0 || edge > (edges[index - 1] ?? edge)), {
      error: 'edges that ascend',
    })
    .optional(),
  native_histogram_bucket_factor: z.number().min(0).max(1e9).optional(),
  native_histogram_max_buckets: z.int().min(0).max(10_000).optional(),
})

const observerType = z.enum(['summary', 'histogram']).optional()
const matchType = z.enum(['glob', 'regex']).optional()

const ruleSchema = z.strictObject({
  match: text.prefault(''),
  match_type: matchType,
  match_metric_type: z.enum(MAPPED_TYPES).optional(),
  name: text.prefault(''),
  labels: z.record(z.string(), text).prefault({}),
  honor_labels: z.boolean().prefault(false),
  observer_type: observerType,
  summary_options: summaryOptions.optional(),
  histogram_options: histogramOptions.optional(),
  ttl: duration.optional(),
  help: text.optional(),
  scale: z.number().optional(),
  action: z.enum(['map', 'drop']).prefault('map'),
})

type RuleInFile = z.output<typeof ruleSchema>

const defaultsSchema = z
  .strictObject({
    observer_type: observerType,
    match_type: matchType,
    glob_disable_ordering: z.boolean().prefault(false),
    ttl: duration.prefault('0s'),
    summary_options: summaryOptions.prefault({}),
    histogram_options: histogramOptions.prefault({}),
  })
  .prefault({})

type Defaults = z.output<typeof defaultsSchema>

/** Strict: a key that is not known is a mistake. Gives the Mapping. */
export const mappingFile = z
  .strictObject({ defaults: defaultsSchema, mappings: z.array(ruleSchema).max(MOST_RULES).prefault([]) })
  .superRefine(({ defaults, mappings }, context) => {
    for (const [index, rule] of mappings.entries()) {
      for (const { path, wanted } of problemsOf(rule, defaults))
        context.addIssue({ code: 'custom', path: ['mappings', index, ...path], message: wanted })
    }
  })
  .transform(({ defaults, mappings }): Mapping => {
    const asDefault = {
      observerType: defaults.observer_type ?? DEFAULT_MAPPED_AS.observerType,
      summary: mergeSummary(defaults.summary_options, DEFAULT_MAPPED_AS.summary),
      histogram: mergeHistogram(defaults.histogram_options, DEFAULT_MAPPED_AS.histogram),
      ttlMs: defaults.ttl,
    }
    return {
      defaults: asDefault,
      isGlobOrderOff: defaults.glob_disable_ordering,
      rules: mappings.map(
        (rule): MappingRule => ({
          match: rule.match,
          matchType: matchTypeOf(rule, defaults),
          metricType: rule.match_metric_type,
          name: rule.name,
          labels: Object.entries(rule.labels),
          honorsLabels: rule.honor_labels,
          isDrop: rule.action === 'drop',
          help: rule.help === '' ? undefined : rule.help,
          scale: rule.scale,
          observerType: rule.observer_type ?? asDefault.observerType,
          summary: mergeSummary(rule.summary_options ?? {}, asDefault.summary),
          histogram: mergeHistogram(rule.histogram_options ?? {}, asDefault.histogram),
          ttlMs: rule.ttl || asDefault.ttlMs,
        }),
      ),
    }
  })

const GLOB = /^(\*|[a-zA-Z_][a-zA-Z0-9_-]*)(\.(\*|[a-zA-Z0-9_][a-zA-Z0-9_-]*))*$/
const NAME = /^([a-zA-Z_]|\$\{?\d+\}?)([a-zA-Z0-9_]|\$\{?\d+\}?)*$/
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]+$/

interface RuleProblem {
  readonly path: readonly string[]
  readonly wanted: string
}

function* problemsOf(rule: RuleInFile, defaults: Defaults): Generator<RuleProblem> {
  if (rule.name === '') yield { path: ['name'], wanted: 'the name of a metric, by rules that drop as well' }
  else if (!NAME.test(rule.name))
    yield { path: ['name'], wanted: 'letters, digits, "_" and references such as ${1}, no digit first' }
  for (const key of Object.keys(rule.labels))
    if (!LABEL.test(key))
      yield {
        path: ['labels', key],
        wanted: 'another label: two or more letters, digits and "_", no digit first',
      }
  if (matchTypeOf(rule, defaults) === 'regex') {
    const regex = compileLinearRegex(rule.match)
    if ('problem' in regex)
      yield { path: ['match'], wanted: `a regular expression of RE2's syntax (${regex.problem})` }
  } else if (!GLOB.test(rule.match))
    yield {
      path: ['match'],
      wanted: 'nodes with dots between, each "*" or of letters, digits, "_" and "-" (or match_type: regex)',
    }
  const observer = rule.observer_type ?? defaults.observer_type
  if (observer === 'histogram' && rule.summary_options !== undefined)
    yield { path: ['summary_options'], wanted: 'none: the rule makes a histogram' }
  if (observer === 'summary' && rule.histogram_options !== undefined)
    yield { path: ['histogram_options'], wanted: 'none: the rule makes a summary' }
}

function matchTypeOf(rule: RuleInFile, defaults: Defaults): 'glob' | 'regex' {
  return rule.match_type ?? defaults.match_type ?? 'glob'
}

/** 0 and an empty list are as good as left out. */
function mergeSummary(given: z.output<typeof summaryOptions>, otherwise: SummaryOptions): SummaryOptions {
  return {
    quantiles: given.quantiles?.length ? given.quantiles : otherwise.quantiles,
    maxAgeMs: given.max_age || otherwise.maxAgeMs,
    ageBuckets: given.age_buckets || otherwise.ageBuckets,
    bufferCapacity: given.buf_cap || otherwise.bufferCapacity,
  }
}

function mergeHistogram(
  given: z.output<typeof histogramOptions>,
  otherwise: HistogramOptions,
): HistogramOptions {
  return {
    buckets: given.buckets?.length ? given.buckets : otherwise.buckets,
    nativeBucketFactor: given.native_histogram_bucket_factor || otherwise.nativeBucketFactor,
    nativeMaxBuckets: given.native_histogram_max_buckets || otherwise.nativeMaxBuckets,
  }
}
