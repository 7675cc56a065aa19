import * as z from 'zod'
import { compileCapturingPattern } from '../../lib/name-pattern.ts'
import { parseNagiosRange } from '../../lib/nagios-range.ts'

const MOST_CHARACTERS = 1_000

/** What is checked, for sinks that send results to Nagios or Icinga. */
export const checkOptions = () => ({
  checks: z
    .array(
      z.strictObject({
        match: z
          .string()
          .min(1)
          .max(MOST_CHARACTERS)
          .superRefine((text, context) => {
            const compiled = compileCapturingPattern(text)
            if (!compiled.isCompiled)
              context.addIssue({ code: 'custom', message: `a simpler pattern: this one ${compiled.limit}` })
          })
          .meta({ description: 'Pattern of the names of series, without tags: `stats.gauges.*.load`.' }),
        host: template('The host in Nagios.'),
        service: template('The service in Nagios.'),
        warning: range('When it is a warning.'),
        critical: range('When it is critical.'),
      }),
    )
    .min(1)
    .max(1_000)
    .meta({
      description:
        'What is sent: a list, of which the first entry that a series matches counts. Other series are not sent. In `host` and `service`, `$1` or `${1}` is what the first `*`, `**` or `{a,b}` of `match` stood for, `%{dc}` the value of the tag `dc`. `warning` and `critical` are ranges as plugins of Nagios have them: `10`, `10:`, `~:10`, `10:20`, `@10:20`.',
    }),
})

function template(description: string) {
  return z.string().min(1).max(MOST_CHARACTERS).meta({ description })
}

function range(description: string) {
  return z
    .string()
    .refine((text) => parseNagiosRange(text) !== undefined, {
      error: 'a range, such as 10, 10:20, ~:10 or @10:20',
    })
    .optional()
    .meta({ description })
}

export type CheckOptions = {
  readonly checks: readonly {
    readonly match: string
    readonly host: string
    readonly service: string
    readonly warning?: string | undefined
    readonly critical?: string | undefined
  }[]
}
