import { WrongAnswer } from '../ingest/wrong-answer.ts'
import { STEP_MS, valueAt } from './fleet.ts'

export const HOSTS_PER_PANEL = 10

/** Five of the same ten hosts; `%` is the first digits of their numbers. The last are as they were sent. */
const TARGETS = [
  "movingAverage(web.h%*.load,'5min')",
  "summarize(web.h%*.load,'1min','sum')",
  'nonNegativeDerivative(web.h%*.load)',
  'percentileOfSeries(web.h%*.load,95)',
  'web.h%*.load',
]
const SERIES = 4 * HOSTS_PER_PANEL + 1
const HOUR_STEPS = 360
/** An hour that does not begin with a minute touches one more. */
const HOUR_MINUTES = 60
const LEAST_POINTS = (SERIES - HOSTS_PER_PANEL) * HOUR_STEPS + HOSTS_PER_PANEL * HOUR_MINUTES
const MOST_POINTS = LEAST_POINTS + HOSTS_PER_PANEL
/** What was measured longer ago has to be in an answer: a host sends once in a step. */
const SEEN_WITHIN_MS = 2 * STEP_MS
const OPENING_BRACKET = '['.charCodeAt(0)

/** The last hour of hosts `10 * panel` and the nine after. */
export function panelPath(panel: number): string {
  const digits = String(panel).padStart(3, '0')
  const query = new URLSearchParams({ from: '-1h', format: 'json' })
  for (const target of TARGETS) query.append('target', target.replace('%', digits))
  return `/render?${query.toString()}`
}

export interface AskedPanel {
  readonly panel: number
  /** When it was asked for. */
  readonly timeMs: number
  /** When the hosts' values begin. */
  readonly startMs: number
}

/** Throws unless there are as many series and points as there have to be. Cheap: whoever asks much has no time to read all of it. */
export function countPanel(body: Buffer, { panel }: AskedPanel): void {
  let brackets = 0
  for (const byte of body) if (byte === OPENING_BRACKET) brackets++
  // Around all series, around the points of each, and around each point.
  const points = brackets - 1 - SERIES
  if (points < LEAST_POINTS || points > MOST_POINTS)
    throw new WrongAnswer(`${points} points in panel ${panel}, and not ${LEAST_POINTS} to ${MOST_POINTS}`)
}

/** Throws unless the hosts' values are those that were sent, the newest among them. */
export function readPanel(body: Buffer, { panel, timeMs, startMs }: AskedPanel): void {
  const series = JSON.parse(body.toString()) as Series[]
  if (series.length !== SERIES)
    throw new WrongAnswer(`${series.length} series in panel ${panel}, and not ${SERIES}`)
  for (const { target, datapoints } of series.slice(-HOSTS_PER_PANEL)) {
    const host = Number(/^web\.h(\d{4})\.load$/.exec(target)?.[1])
    if (Math.floor(host / HOSTS_PER_PANEL) !== panel) throw new WrongAnswer(`${target} is in panel ${panel}`)
    for (const [value, seconds] of datapoints) {
      if (value === null && seconds * 1_000 > timeMs - SEEN_WITHIN_MS) continue
      const wanted = valueAt(host, (seconds * 1_000 - startMs) / STEP_MS)
      if (value !== wanted) throw new WrongAnswer(`${value} at ${seconds} in ${target}, and not ${wanted}`)
    }
  }
}

interface Series {
  readonly target: string
  readonly datapoints: readonly (readonly [value: number | null, seconds: number])[]
}
