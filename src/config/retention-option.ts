import * as z from 'zod'
import { parseArchive } from '../formats/whisper/parse-archive.ts'
import { archivesProblem } from '../formats/whisper/archive.ts'
import { parseDuration } from '../lib/units.ts'
import type { Retention } from '../model/retention.ts'

/** Steps, and how long each is kept, as an option says it. The first may leave its step to the flush interval. */
export type RetentionLevels = readonly {
  readonly stepSeconds?: number
  readonly retentionSeconds: number
}[]

/** `7d,1m:90d,10m:5y`: points as they come for 7 days, then by the minute up to 90 days, then by ten minutes. */
export function retentionLevels(description: string, defaultText: string) {
  return z
    .string({ error: () => WANTED })
    .max(1_024)
    .transform((text, context) => {
      const levels: RetentionLevels[number][] = []
      for (const [index, part] of text.split(',').entries()) {
        const level = index === 0 && !part.includes(':') ? firstLevel(part.trim()) : furtherLevel(part)
        if (typeof level === 'string') {
          context.addIssue({ code: 'custom', message: level })
          return z.NEVER
        }
        levels.push(level)
      }
      return levels as RetentionLevels
    })
    .prefault(defaultText)
    .meta({ description })
}

const WANTED = 'how long points are kept, such as 90d or 7d,1m:90d,10m:5y'

function firstLevel(text: string): RetentionLevels[number] | string {
  const duration = parseDuration(text)
  if ('problem' in duration) return WANTED
  if (duration.value < 3_600_000) return 'at least 1h'
  return { retentionSeconds: Math.floor(duration.value / 1_000) }
}

function furtherLevel(text: string): RetentionLevels[number] | string {
  const archive = parseArchive(text)
  if ('problem' in archive) return `${WANTED} (${archive.problem})`
  return { stepSeconds: archive.stepSeconds, retentionSeconds: archive.stepSeconds * archive.points }
}

/**
 * The levels as retentions, the finest first. Steps that are no coarser than the flush interval are those of the points as they come, and
 * left out, and so are steps that are not made of whole ones of the finer level: `misfit` says which.
 */
export function toRetentions(
  levels: RetentionLevels,
  flushIntervalMs: number,
): { readonly retentions: readonly Retention[]; readonly misfit: string | undefined } {
  const [first, ...further] = levels
  const flushSeconds = Math.max(1, Math.ceil(flushIntervalMs / 1_000))
  const stepSeconds = Math.max(flushSeconds, first?.stepSeconds ?? flushSeconds)
  const retentions: Retention[] = [{ stepSeconds, retentionSeconds: first?.retentionSeconds ?? 0 }]
  let misfit: string | undefined
  for (const level of further) {
    const next = { stepSeconds: level.stepSeconds ?? flushSeconds, retentionSeconds: level.retentionSeconds }
    if (next.stepSeconds <= stepSeconds) continue
    const problem = archivesProblem([...retentions, next].map(asArchive))
    if (problem === undefined) retentions.push(next)
    else misfit ??= problem
  }
  return { retentions, misfit }
}

function asArchive({ stepSeconds, retentionSeconds }: Retention) {
  return { stepSeconds, points: Math.floor(retentionSeconds / stepSeconds) }
}
