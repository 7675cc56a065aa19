import { excerpt } from '../../lib/excerpt.ts'
import type { Archive } from './archive.ts'

/**
 * Reads an archive as carbon's files and whisper's commands write it, `STEP:KEPT`. The step is seconds or has a unit; what is kept
 * is a number of points, or a duration if it has a unit, of which an unfinished step is not kept.
 *
 *   10s:6h       60:1440       1min:1week
 *   ^^^          ^^            ^^^^         a unit is the beginning of its word, in lower case
 */
export function parseArchive(text: string): Archive | { readonly problem: string } {
  const trimmed = text.trim()
  const colon = trimmed.indexOf(':')
  if (colon < 0)
    return { problem: `${quote(trimmed)} has no colon; write a step and how long it is kept, as in 60s:1d` }
  const [step, kept] = [trimmed.slice(0, colon), trimmed.slice(colon + 1)].map(parseQuantity)
  if (step === undefined || typeof step === 'string')
    return { problem: `${quote(trimmed)}: the step is ${step}` }
  if (kept === undefined || typeof kept === 'string')
    return { problem: `${quote(trimmed)}: what is kept is ${kept}` }
  const stepSeconds = step.number * (step.unitSeconds ?? 1)
  if (kept.unitSeconds === undefined) return checked(trimmed, { stepSeconds, points: kept.number })
  if (stepSeconds === 0) return { problem: `${quote(trimmed)}: the step is 0 s` }
  return checked(trimmed, { stepSeconds, points: Math.floor((kept.number * kept.unitSeconds) / stepSeconds) })
}

const UNITS: readonly (readonly [word: string, seconds: number])[] = [
  ['seconds', 1],
  ['minutes', 60],
  ['hours', 3_600],
  ['days', 86_400],
  ['weeks', 7 * 86_400],
  ['years', 365 * 86_400],
]

interface Quantity {
  readonly number: number
  /** undefined: no unit was given. */
  readonly unitSeconds: number | undefined
}

/** Or what it is instead. */
function parseQuantity(text: string): Quantity | string {
  const [, digits, unit] = /^([0-9]+)([a-z]*)$/.exec(text) ?? []
  if (digits === undefined || unit === undefined)
    return text === '' ? 'missing' : `${quote(text)}, which is no whole number with or without a unit`
  const unitSeconds = UNITS.find(([word]) => word.startsWith(unit))?.[1]
  if (unitSeconds === undefined)
    return `${quote(text)}, whose unit is none of seconds, minutes, hours, days, weeks, years or their beginnings`
  return { number: Number(digits), unitSeconds: unit === '' ? undefined : unitSeconds }
}

function checked(text: string, archive: Archive): Archive | { readonly problem: string } {
  return Number.isSafeInteger(archive.stepSeconds) && Number.isSafeInteger(archive.points)
    ? archive
    : { problem: `${quote(text)} is too large a number` }
}

function quote(text: string): string {
  return `"${excerpt(text, 60)}"`
}
