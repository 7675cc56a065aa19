import * as z from 'zod'
import { integer, RELOADABLE } from '../lib/option.ts'
import { compileRule } from './compile-rule.ts'
import { isPlainText } from '../formats/plain-text.ts'
import { MOST_PATTERN_CHARACTERS, ruleShape } from './rule-shape.ts'

export type { IntakeRuleOptions } from './rule-shape.ts'

/** The list `rules`: what is let in, and under which name. */
export const intakeRulesOptions = z
  .array(
    ruleShape.superRefine((rule, context) => {
      const compiled = compileRule(rule)
      if (compiled.isCompiled) return
      for (const { path, wanted } of compiled.problems) {
        context.addIssue({ code: 'custom', path: [...path], message: wanted })
      }
    }),
  )
  .max(1000)
  .prefault([])
  .meta({
    description:
      'What is let in, and under which name. A list, read from the top; each entry has one of the keys `include`, `exclude`, `rename` and `match`.',
  })
  .meta(RELOADABLE)

function newPerHour(description: string) {
  return z.int().min(1).max(1_000_000_000).optional().meta({ description })
}

const prefixLimit = z.strictObject({
  prefix: z
    .string()
    .max(MOST_PATTERN_CHARACTERS)
    .refine(isPrefix, { error: 'the first nodes of a name, such as api or api.web, without wildcards' })
    .meta({
      description:
        'The first nodes of the names it is for. `api` is for `api` and `api.web`, not for `apis`.',
    }),
  series: z.int().min(1).max(1_000_000_000).meta({
    description: 'The most metrics with this prefix that are aggregated at a time.',
  }),
  new_per_hour: newPerHour('The most metrics with this prefix that may be new in an hour.'),
})

/** The options of the section `limits`. */
export const seriesLimitsOptions = {
  series: integer(
    'The most metrics that are aggregated at a time. A metric is a name with its tags and its type, as it was let in. New ones beyond are added up as `__over_limit__`. Series of points with their own times count as well, for an hour or two behind their last point; points of new ones beyond are refused.',
    1_000_000,
    { min: 1, max: 1_000_000_000 },
  ),
  new_per_hour: newPerHour(
    'The most metrics that may be new in an hour of the clock: such as the store has never had, or not for as long as it keeps anything. What is known already does not count, after a restart neither. Those beyond are treated like those beyond `series`. Not given: as many as come.',
  ),
  prefixes: z
    .array(prefixLimit)
    .max(1000)
    .superRefine((limits, context) => {
      const indexes = new Map<string, number>()
      for (const [index, { prefix }] of limits.entries()) {
        const first = indexes.get(prefix)
        if (first === undefined) indexes.set(prefix, index)
        else {
          const message = `another prefix, as limits.prefixes[${first}] has this one`
          context.addIssue({ code: 'custom', path: [index, 'prefix'], message })
        }
      }
    })
    .prefault([])
    .meta({
      description:
        'Limits for metrics with one prefix. A list. A metric counts against all limits that cover it; new ones beyond are added up as `<prefix>.__over_limit__`.',
    }),
}

export interface SeriesLimitsOptions {
  readonly series: number
  readonly new_per_hour?: number | undefined
  readonly prefixes: readonly {
    readonly prefix: string
    readonly series: number
    readonly new_per_hour?: number | undefined
  }[]
}

function isPrefix(text: string): boolean {
  return isPlainText(text) && !/[*?[\]{}]/.test(text) && text.split('.').every((node) => node !== '')
}
