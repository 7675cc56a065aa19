import { usage } from '../config/flags.ts'
import type { CommandContext } from './command.ts'
import { openCommandPeer } from './open-command-peer.ts'
import type { PrintedSeries } from './render-series.ts'
import { renderSparkLines, renderTable } from './render-series.ts'
import { createStyle } from './style.ts'
import type { OpenPeer } from './transfer/open-peer.ts'
import { timeOf, valueOf } from './transfer/transfer-context.ts'

const FORMATS = ['table', 'spark', 'json', 'csv'] as const

/** Points that fit the width of a terminal; spark lines have no more. */
const SPARK_POINTS = 60

/** What targets evaluate to: `kymo query TARGET ... [--from TIME] [--until TIME] [--format table|spark|json|csv]`. */
export async function run(context: CommandContext, open?: OpenPeer): Promise<number> {
  const { positionals: targets, given, peer } = await openCommandPeer('query', context, open)
  try {
    if (targets.length === 0) throw usage("query needs a target: kymo query 'sumSeries(stats.*.rate)'")
    const format = FORMATS.find((one) => one === (valueOf({ given }, 'format') ?? 'table'))
    if (format === undefined) throw usage(`--format is one of ${FORMATS.join(', ')}`)
    const answer = await peer.ask({
      kind: 'render',
      parameters: {
        target: targets,
        ...rangeParameters(given),
        format: [format === 'csv' ? 'csv' : 'json'],
        ...(format === 'spark' ? { maxDataPoints: [String(SPARK_POINTS)] } : {}),
      },
    })
    const text = new TextDecoder().decode(answer)
    context.stdout.write(
      format === 'json' ? `${text}\n` : format === 'csv' ? text : render(text, format, context),
    )
    return 0
  } finally {
    await peer.close()
  }
}

/** The last hour, unless flags say otherwise. What is no time of ours is left to the query, whose times are Graphite's. */
export function rangeParameters(given: ReadonlyMap<string, string | true>): {
  from: string[]
  until: string[]
} {
  const read = (flag: string, missing: string): string[] => {
    const text = valueOf({ given }, flag)
    if (text === undefined) return [missing]
    const isOurs = /^\d{4}-\d\d/.test(text)
    return [isOurs ? String(Math.floor((timeOf({ given }, flag) ?? 0) / 1_000)) : text]
  }
  return { from: read('from', '-1h'), until: read('until', 'now') }
}

function render(json: string, format: 'table' | 'spark', context: CommandContext): string {
  const series = JSON.parse(json) as PrintedSeries[]
  const style = createStyle(context.stdout, context.env)
  if (series.length === 0) return `${style.dim('No series match.')}\n`
  return format === 'table' ? renderTable(series, style) : renderSparkLines(series, style)
}
