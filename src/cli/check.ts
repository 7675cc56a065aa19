import { usage } from '../config/flags.ts'
import {
  judge,
  NAGIOS_STATES,
  type NagiosRange,
  type NagiosState,
  parseNagiosRange,
  perfdata,
  type Thresholds,
} from '../lib/nagios-range.ts'
import { reasonOf } from '../telemetry/errors.ts'
import { escapeForTerminal } from '../telemetry/escape-for-terminal.ts'
import type { CommandContext } from './command.ts'
import { openCommandPeer } from './open-command-peer.ts'
import { rangeParameters } from './query.ts'
import type { PrintedSeries } from './render-series.ts'
import type { OpenPeer } from './transfer/open-peer.ts'
import { valueOf } from './transfer/transfer-context.ts'

/** What is older says nothing of now. */
const DEFAULT_FROM = '-5min'
/** Nagios shows one line. */
const MOST_SHOWN = 5
const MOST_PERFDATA = 50
const UNKNOWN: NagiosState = 3

interface Judged {
  readonly target: string
  readonly value: number
  readonly state: NagiosState
}

/**
 * A plugin of Nagios: `kymo check TARGET ... [--warning RANGE] [--critical RANGE]` judges the newest value of each series. Prints one
 * line, with what Nagios keeps behind `|`, and exits with 0 OK, 1 WARNING, 2 CRITICAL or 3 UNKNOWN: whatever goes wrong is UNKNOWN.
 */
export async function run(context: CommandContext, open?: OpenPeer): Promise<number> {
  let state = UNKNOWN
  let line: string
  try {
    ;({ state, line } = await check(context, open))
  } catch (error) {
    line = reasonOf(error)
  }
  context.stdout.write(`${NAGIOS_STATES[state]} - ${escapeForTerminal(line.replace(/\s*\n\s*/g, ' '))}\n`)
  return state
}

async function check(
  context: CommandContext,
  open: OpenPeer | undefined,
): Promise<{ state: NagiosState; line: string }> {
  const { positionals: targets, given, peer } = await openCommandPeer('check', context, open)
  try {
    if (targets.length === 0)
      throw usage("check needs a target: kymo check 'stats.gauges.queue' --critical 100")
    const thresholds = { warning: rangeOf(given, 'warning'), critical: rangeOf(given, 'critical') }
    const range = rangeParameters(given)
    const answer = await peer.ask({
      kind: 'render',
      parameters: {
        target: targets,
        ...range,
        ...(given.has('from') ? {} : { from: [DEFAULT_FROM] }),
        format: ['json'],
        noNullPoints: ['1'],
      },
    })
    return report(JSON.parse(new TextDecoder().decode(answer)) as PrintedSeries[], thresholds)
  } finally {
    await peer.close()
  }
}

function rangeOf(
  given: ReadonlyMap<string, string | true>,
  flag: 'warning' | 'critical',
): NagiosRange | undefined {
  const text = valueOf({ given }, flag)
  if (text === undefined) return undefined
  const range = parseNagiosRange(text)
  if (range === undefined) throw usage(`--${flag} is a range, such as 10, 10:, ~:10, 10:20 or @10:20`)
  return range
}

function report(
  series: readonly PrintedSeries[],
  thresholds: Thresholds,
): { state: NagiosState; line: string } {
  const judged = series.flatMap(({ target, datapoints }): Judged[] => {
    const newest = datapoints.findLast(([value]) => value !== null)?.[0]
    if (newest === undefined || newest === null) return []
    return [{ target, value: newest, state: judge(newest, thresholds) }]
  })
  if (judged.length === 0)
    return { state: UNKNOWN, line: series.length === 0 ? 'no series match' : 'there is no value' }
  const worst = judged.reduce<NagiosState>((state, one) => (one.state > state ? one.state : state), 0)
  const blamed = judged.filter(({ state }) => state === worst)
  const shown = blamed.slice(0, MOST_SHOWN).map(({ target, value }) => `${withoutPipes(target)} is ${value}`)
  const more = blamed.length > MOST_SHOWN ? `, and ${blamed.length - MOST_SHOWN} more` : ''
  const ofAll = judged.length === 1 ? '' : `${blamed.length} of ${judged.length}: `
  const kept = judged.slice(0, MOST_PERFDATA).map(({ target, value }) => perfdata(target, value, thresholds))
  return { state: worst, line: `${ofAll}${shown.join(', ')}${more}|${kept.join(' ')}` }
}

/** What stands behind one is performance data. */
function withoutPipes(text: string): string {
  return text.replaceAll('|', '_')
}
