import { usage } from '../config/flags.ts'
import { escapeForTerminal } from '../telemetry/escape-for-terminal.ts'
import type { CommandContext } from './command.ts'
import { openCommandPeer } from './open-command-peer.ts'
import { rangeParameters } from './query.ts'
import type { Style } from './style.ts'
import { createStyle } from './style.ts'
import type { OpenPeer } from './transfer/open-peer.ts'

/** What a query evaluates, as a tree: `kymo explain TARGET ... [--from TIME] [--until TIME] [--json]`. */
export async function run(context: CommandContext, open?: OpenPeer): Promise<number> {
  const { positionals: targets, given, peer } = await openCommandPeer('explain', context, open)
  try {
    if (targets.length === 0) throw usage("explain needs a target: kymo explain 'sumSeries(stats.*.rate)'")
    const isJson = given.has('json')
    const answer = await peer.ask({
      kind: 'explain',
      parameters: { target: targets, ...rangeParameters(given), ...(isJson ? { pretty: ['1'] } : {}) },
    })
    const text = new TextDecoder().decode(answer)
    context.stdout.write(isJson ? `${text}\n` : renderTrees(text, createStyle(context.stdout, context.env)))
    return 0
  } finally {
    await peer.close()
  }
}

interface ExplainedNode {
  readonly label: string
  readonly from: number
  readonly until: number
  readonly series: number
  readonly points: number
  readonly finest_step: number
  readonly coarsest_step: number
  readonly children: readonly ExplainedNode[]
}

interface Row {
  readonly text: string
  readonly node: ExplainedNode
}

function renderTrees(json: string, style: Style): string {
  const { from, until, targets } = JSON.parse(json) as {
    from: number
    until: number
    targets: ExplainedNode[]
  }
  const rows = targets.flatMap((target) => rowsOf(target, '', ''))
  const width = Math.max(0, ...rows.map(({ text }) => text.length))
  const lines = rows.map(({ text, node }) => {
    const isElsewhere = node.from !== from || node.until !== until
    const where = isElsewhere ? style.dim(`  ${timeText(node.from)} to ${timeText(node.until)}`) : ''
    return `${text.padEnd(width)}  ${countText(node)}${where}\n`
  })
  return `${style.dim(`${timeText(from)} to ${timeText(until)}`)}\n${lines.join('')}`
}

function rowsOf(node: ExplainedNode, branch: string, below: string): Row[] {
  return [
    { text: branch + escapeForTerminal(node.label), node },
    ...node.children.flatMap((child, index) => {
      const isLast = index === node.children.length - 1
      return rowsOf(child, `${below}${isLast ? '└ ' : '├ '}`, `${below}${isLast ? '  ' : '│ '}`)
    }),
  ]
}

function countText({ series, points, finest_step: finest, coarsest_step: coarsest }: ExplainedNode): string {
  const step = finest === coarsest ? `${finest} s` : `${finest} to ${coarsest} s`
  const counts = `${series.toLocaleString('en-US')} series, ${points.toLocaleString('en-US')} points`
  return series === 0 ? counts : `${counts} of ${step}`
}

function timeText(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace('.000', '')
}
