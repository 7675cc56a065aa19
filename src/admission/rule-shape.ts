import * as z from 'zod'
import { tagMap } from '../lib/option.ts'
import { ADMITTED_TYPES } from './admitted-type.ts'

export const MOST_PATTERN_CHARACTERS = 500
const PATTERN_WANTED = `a pattern of 1 to ${MOST_PATTERN_CHARACTERS} characters`

/** One rule as it is written. What its keys may be together is the matter of compile-rule.ts. */
export const ruleShape = z.strictObject({
  include: pattern(
    'Let in what matches. Once a rule says `include`, whatever no `include` and no `exclude` matches is refused.',
  ),
  exclude: pattern('Refuse what matches.'),
  rename: pattern('Give what matches the name that `to` says.'),
  to: pattern(
    'The new name. `$1` or `${1}` is what the first `*`, `**` or `{a,b}` of `rename` stood for, `$2` the second.',
    `a name of 1 to ${MOST_PATTERN_CHARACTERS} characters`,
  ),
  match: pattern('Change the tags of what matches, as `drop_tags` and `add_tags` say.'),
  drop_tags: z
    .array(z.string().min(1).max(MOST_PATTERN_CHARACTERS))
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'Tags to take away: patterns of their keys. They go before others are added.' }),
  add_tags: tagMap(
    'Tags to add: values by key. One that is there already is replaced. Values may hold `$1` as `to` does.',
  ),
  types: z.array(z.enum(ADMITTED_TYPES)).min(1).max(ADMITTED_TYPES.length).optional().meta({
    description:
      'Only what is of these types. `untyped` is a point of Graphite plaintext. All, if not given.',
  }),
  tags: tagMap(
    'Only what has all these tags: patterns of their values by key. The pattern "" asks that there is no such tag.',
  ),
})

export type IntakeRuleOptions = z.output<typeof ruleShape>

function pattern(description: string, wanted = PATTERN_WANTED) {
  return z
    .string({ error: wanted })
    .min(1, { error: wanted })
    .max(MOST_PATTERN_CHARACTERS, { error: wanted })
    .optional()
    .meta({ description, noun: wanted })
}
