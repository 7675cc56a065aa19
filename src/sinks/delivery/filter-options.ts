import * as z from 'zod'
import { integer, tagMap } from '../../lib/option.ts'
import { compileFilter, type FilterOptions } from './compile-filter.ts'

const MOST_PATTERN_CHARACTERS = 500
const MOST_PATTERNS = 100

function patterns(option: 'include' | 'exclude' | 'drop_tags', description: string) {
  return z
    .array(z.string().min(1).max(MOST_PATTERN_CHARACTERS))
    .max(MOST_PATTERNS)
    .superRefine((value, context) => report({ [option]: value }, option, context))
    .optional()
    .meta({ description })
}

/** What of all that flows a sink is given, and under which names. Spread into the options of every sink. */
export const filterOptions = () => ({
  include: patterns(
    'include',
    'Only series that one of these patterns matches go to this sink; all, if there is none. Patterns are those of the intake rules, of the whole name of a series, and may end with tags: `stats.timers.**;env=prod*`.',
  ),
  exclude: patterns('exclude', 'Series that one of these patterns matches do not go to this sink.'),
  rename: z
    .array(
      z.strictObject({
        match: z.string().min(1).max(MOST_PATTERN_CHARACTERS).meta({
          description: 'Pattern of the names of series, without tags.',
        }),
        replace: z.string().min(1).max(MOST_PATTERN_CHARACTERS).meta({
          description:
            'The new name. `$1` or `${1}` is what the first `*`, `**` or `{a,b}` of `match` stood for, `$2` the second.',
        }),
      }),
    )
    .max(MOST_PATTERNS)
    .superRefine((value, context) => report({ rename: value }, 'rename', context))
    .optional()
    .meta({
      description:
        'Other names for this sink. A list; the first entry whose pattern matches counts. Tags stay.',
    }),
  drop_tags: patterns('drop_tags', 'Tags that this sink is not given: patterns of their keys.'),
  tags: tagMap(
    'Tags that every series has at this sink: values by key. One that is there already is replaced; `drop_tags` go before.',
    (tags, context) => report({ tags }, 'tags', context),
  ),
  flush_every: integer(
    'Only each so-manyth flush goes out, and stands for those before it: counts add up, means are weighted, gauges have their last value. Ends fall on the same times every day. Points with their own times are sent as they come.',
    1,
    { min: 1, max: 8_640 },
  ),
})

function report(options: FilterOptions, option: string, context: z.RefinementCtx): void {
  const compiled = compileFilter(options)
  if (compiled.isCompiled) return
  for (const { path, wanted } of compiled.problems) {
    // The option itself is where this check stands already.
    const [, ...rest] = path[0] === option ? path : [option, ...path]
    context.addIssue({ code: 'custom', path: rest, message: wanted })
  }
}
