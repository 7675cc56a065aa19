/**
 * A range of Nagios' plugins, which says when to alert:
 *
 *   10        outside 0 to 10          10:20     outside 10 to 20
 *   10:       below 10                 @10:20    inside, the ends too
 *   ~:10      above 10
 */
export interface NagiosRange {
  readonly text: string
  isAlert(value: number): boolean
}

const NUMBER = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`
const RANGE = new RegExp(`^(@)?(?:(~|${NUMBER})?:)?(${NUMBER})?$`)

/** undefined: it is none. */
export function parseNagiosRange(text: string): NagiosRange | undefined {
  const match = RANGE.exec(text)
  if (match === null || text.replace('@', '') === '' || text.replace('@', '') === ':') return undefined
  const [, inside, startText, endText] = match
  const start = startText === '~' ? Number.NEGATIVE_INFINITY : Number(startText ?? 0)
  const end = endText === undefined ? Number.POSITIVE_INFINITY : Number(endText)
  if (start > end) return undefined
  const isInside = (value: number): boolean => value >= start && value <= end
  return { text, isAlert: (value) => isInside(value) === (inside !== undefined) }
}

/** As plugins exit, and as results are sent. */
export const NAGIOS_STATES = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const
export type NagiosState = 0 | 1 | 2 | 3

export interface Thresholds {
  readonly warning?: NagiosRange | undefined
  readonly critical?: NagiosRange | undefined
}

/** A value that is no number is UNKNOWN. */
export function judge(value: number, { warning, critical }: Thresholds): NagiosState {
  if (!Number.isFinite(value)) return 3
  if (critical?.isAlert(value) === true) return 2
  return warning?.isAlert(value) === true ? 1 : 0
}

/** `'api.time'=4.2;10;20`: what Nagios keeps of a value. */
export function perfdata(label: string, value: number, { warning, critical }: Thresholds): string {
  // A quotation mark is written twice; the rest has a meaning of its own.
  const quoted = `'${label.replace(/[=|\p{Cc}]/gu, '_').replaceAll("'", "''")}'`
  const shown = Number.isFinite(value) ? String(value) : 'U'
  return `${quoted}=${shown};${warning?.text ?? ''};${critical?.text ?? ''}`.replace(/;+$/, '')
}
