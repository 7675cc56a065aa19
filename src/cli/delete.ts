import type { DeletionReport } from '../api/services.ts'
import { usage } from '../config/flags.ts'
import { escapeForTerminal } from '../telemetry/escape-for-terminal.ts'
import type { CommandContext } from './command.ts'
import { openCommandPeer } from './open-command-peer.ts'
import { createStyle } from './style.ts'
import type { OpenPeer } from './transfer/open-peer.ts'
import { timeOf, valueOf } from './transfer/transfer-context.ts'

/** Of the names that are found, so many are shown. */
const SHOWN_NAMES = 20

/**
 * Deletes points of series: `kymo delete [GLOB ...] [--tags EXPRESSION] [--from TIME] [--until TIME] [--yes]`. Without `--yes` it only says what
 * would go.
 */
export async function run(context: CommandContext, open?: OpenPeer): Promise<number> {
  const { positionals: patterns, given, peer } = await openCommandPeer('delete', context, open)
  try {
    const expressions = valueOf({ given }, 'tags')?.split(',') ?? []
    if (patterns.length + expressions.length === 0)
      throw usage("delete needs to know which series: kymo delete 'web1.*' or kymo delete --tags env=staging")
    const untilMs = timeOf({ given }, 'until')
    const range = {
      startMs: timeOf({ given }, 'from') ?? Number.NEGATIVE_INFINITY,
      endMs: untilMs === undefined ? Number.POSITIVE_INFINITY : untilMs + 1,
    }
    if (range.startMs >= range.endMs) throw usage('--from is not before --until')
    const isDryRun = !given.has('yes')
    const report = await peer.deleteSeries({ patterns, expressions, range, isDryRun })
    if (given.has('json')) context.stdout.write(`${JSON.stringify({ ...report, dry_run: isDryRun })}\n`)
    else context.stdout.write(render(report, isDryRun, context))
    return 0
  } finally {
    await peer.close()
  }
}

function render(
  { series, names, deleted }: DeletionReport,
  isDryRun: boolean,
  context: CommandContext,
): string {
  const style = createStyle(context.stdout, context.env)
  const count = (number: number): string => `${number.toLocaleString('en-US')} series`
  if (series === 0) return 'No series match.\n'
  if (!isDryRun) return `${style.green('Deleted')} points of ${count(deleted)}.\n`
  const shown = names.slice(0, SHOWN_NAMES).map((name) => `  ${escapeForTerminal(name)}`)
  const more = series - shown.length
  return [
    `Points of ${style.bold(count(series))} would go:`,
    ...shown,
    ...(more > 0 ? [style.dim(`  and ${more.toLocaleString('en-US')} more`)] : []),
    'Nothing has been deleted yet; give --yes to do it. It cannot be undone.',
    '',
  ].join('\n')
}
