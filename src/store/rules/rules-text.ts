import { formatDuration } from '../../lib/units.ts'
import type { Retention } from '../../model/retention.ts'
import type { RulesReport, WayOfKeeping } from './rules-report.ts'

/** `10s:7d,1m:90d` */
export function retentionsText(retentions: readonly Retention[]): string {
  return retentions
    .map(
      ({ stepSeconds, retentionSeconds }) => `${durationText(stepSeconds)}:${durationText(retentionSeconds)}`,
    )
    .join()
}

/** `10s:7d,1m:90d by mean`, with what of a coarser slot has to be there, if that is said. */
export function wayText({ retentions, rollup, xFilesFactor }: WayOfKeeping): string {
  const factor = xFilesFactor > 0 ? ` with xFilesFactor ${xFilesFactor}` : ''
  return `${retentionsText(retentions)} by ${rollup}${factor}`
}

/** `12 of 40 series change: 10 from 10s:7d by mean to 10s:1d by mean, 2 from ...`, the first few. */
export function changeText({
  series,
  changed,
  changes,
}: Pick<RulesReport, 'series' | 'changed' | 'changes'>): string {
  const count = (number: number): string => number.toLocaleString('en-US')
  const shown = changes.slice(0, SHOWN_CHANGES).map((change) => {
    return `${count(change.series)} from ${wayText(change.before)} to ${wayText(change.after)}`
  })
  const others = changes.length > SHOWN_CHANGES ? ', and others otherwise' : ''
  const head = `${count(changed ?? 0)} of ${count(series)} series change`
  return shown.length === 0 ? head : `${head}: ${shown.join(', ')}${others}`
}

export function durationText(seconds: number): string {
  return formatDuration(seconds * 1_000)
}

const SHOWN_CHANGES = 5
