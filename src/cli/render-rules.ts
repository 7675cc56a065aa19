import type { RulesAnswer } from '../api/services.ts'
import {
  type AggregationUse,
  durationText,
  retentionsText,
  type RuleUse,
  type SchemaUse,
  type SeriesChange,
  wayText,
} from '../store/rules/index.ts'
import { escapeForTerminal } from '../telemetry/escape-for-terminal.ts'
import { formatBytes, formatCount, renderTable } from './render-table.ts'
import type { Style } from './style.ts'

export function renderRules(answer: RulesAnswer, name: string, style: Style): string {
  const { schemas, aggregations } = answer
  return `${[
    `${style.bold(formatCount(answer.series))} series of ${escapeForTerminal(name)}`,
    '',
    ...renderUses('kept', schemas, (use: SchemaUse) => retentionsText(use.retentions), style),
    '',
    ...renderUses('rolled up', aggregations, aggregationText, style),
    ...(answer.changed === null ? [] : ['', ...renderChanges(answer, style)]),
  ].join('\n')}\n`
}

function renderUses<Use extends RuleUse>(
  what: string,
  uses: readonly Use[],
  say: (use: Use) => string,
  style: Style,
): string[] {
  const rows = uses.map((use) => [
    use.rule === null ? '' : escapeForTerminal(`${use.rule.path}:${use.rule.line}`),
    use.rule === null ? 'all others' : escapeForTerminal(`[${use.rule.section}] ${use.rule.pattern}`),
    say(use),
    formatCount(use.series),
    examplesText(use),
  ])
  const heads = ['', 'rule', what, 'series', 'such as']
  return renderTable(heads, rows, [false, false, false, true, false], style)
}

function aggregationText({ method, xFilesFactor }: AggregationUse): string {
  const factor = xFilesFactor === null ? '' : `, xFilesFactor ${xFilesFactor}`
  return `${method === null ? 'as their type says' : `by ${method}`}${factor}`
}

function renderChanges({ series, changed, changes, ...rest }: RulesAnswer, style: Style): string[] {
  const total = changed ?? 0
  if (total === 0) return [`${style.green('None')} is kept otherwise than now.`]
  const listed = changes.reduce((sum, change) => sum + change.series, 0)
  return [
    `${style.bold(formatCount(total))} of ${formatCount(series)} series are kept otherwise than now:`,
    ...changes.flatMap((change) => renderChange(change, rest.bytesPerPoint, style)),
    ...(listed < total ? [`  and ${formatCount(total - listed)} in other ways`] : []),
    ...rest.dropped.map(
      ({ stepSeconds, points, bytes }) =>
        `${style.red('Goes')} as soon as it is rolled up: ${levelText(stepSeconds)}, ${formatCount(points)} in files of ${formatBytes(bytes)}`,
    ),
    'Nothing has been changed.',
  ]
}

function renderChange(
  change: SeriesChange,
  bytesPerPoint: RulesAnswer['bytesPerPoint'],
  style: Style,
): string[] {
  const { before, after, series, lost, notMadeSteps } = change
  const lostLines = lost.map(({ stepSeconds, slots, fromMs, untilMs }) => {
    const each = bytesPerPoint.find((one) => one.stepSeconds === stepSeconds)?.bytes
    const bytes = each === undefined || each === 0 ? '' : `, about ${formatBytes(Math.round(each * slots))}`
    return `    not answered any more: ${levelText(stepSeconds)} from ${timeText(fromMs)} to ${timeText(untilMs)}, at most ${formatCount(slots)}${bytes}`
  })
  const steps = notMadeSteps.map(durationText).join(', ')
  return [
    `  ${formatCount(series)} from ${wayText(before)} to ${style.bold(wayText(after))}   ${style.dim(examplesText(change))}`,
    ...lostLines,
    ...(steps === '' ? [] : [`    begins with what is still kept finer: slots of ${steps}`]),
  ]
}

function levelText(stepSeconds: number): string {
  return stepSeconds === 0 ? 'points as they came' : `slots of ${durationText(stepSeconds)}`
}

function examplesText({ series, examples }: Pick<RuleUse, 'series' | 'examples'>): string {
  const more = series > examples.length ? ', ...' : ''
  return `${examples.map((key) => escapeForTerminal(key)).join(', ')}${more}`
}

function timeText(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ')}`
}
