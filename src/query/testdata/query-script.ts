import type { StoreAccess } from '../../store/access.ts'
import { KymoError } from '../../telemetry/errors.ts'
import type { FakeSeries } from './fake-store-access.ts'
import { evaluateTargets } from '../graphite/evaluate.ts'
import { DEFAULT_QUERY_LIMITS } from '../query-limits.ts'
import type { QuerySeries } from '../query-series.ts'
import { parseTimeOffset } from '../time-offset.ts'
import { UTC } from './utc.ts'

/**
 * Tests of queries as plain text:
 *
 *   # Comments and blank lines are passed over.
 *   load 10s              what follows is stored, one point each 10 s; this forgets what was loaded before
 *     a.x 1 2 _ 4         a name and its values; _ is none
 *   eval a.*              evaluated over the range of what is loaded
 *     a.x 1 2 _ 4         the series wanted, in this order; one blank is as good as many
 *   eval f(a.x)
 *     error function-unknown
 *
 * The answer is what was wanted and what came, for the test to compare.
 */
export async function runQueryScript(
  script: string,
  openAccess: (series: readonly FakeSeries[]) => StoreAccess | Promise<StoreAccess>,
): Promise<ScriptCheck[]> {
  const checks: ScriptCheck[] = []
  let loaded: LoadBlock | undefined
  for (const block of readBlocks(script)) {
    const [, command = '', argument = ''] = /^(\S+)\s*(.*)$/.exec(block.head) ?? []
    if (command === 'load') {
      const stepSeconds = parseTimeOffset(argument)
      const access = await openAccess(block.rows.map((row) => readSeries(row, stepSeconds)))
      loaded = { stepSeconds, rows: block.rows, access }
    } else if (command === 'eval' && loaded !== undefined) {
      const got = await evaluate(argument, loaded)
      checks.push({ lineNumber: block.lineNumber, expression: argument, wanted: block.rows, got })
    } else {
      throw new Error(
        `line ${block.lineNumber}: expected load or eval, and load first, found "${block.head}"`,
      )
    }
  }
  return checks
}

export interface ScriptCheck {
  readonly lineNumber: number
  readonly expression: string
  /** `name value value …`, or `error code`. */
  readonly wanted: readonly string[]
  readonly got: readonly string[]
}

interface Block {
  readonly lineNumber: number
  readonly head: string
  readonly rows: string[]
}

interface LoadBlock {
  readonly stepSeconds: number
  readonly rows: readonly string[]
  readonly access: StoreAccess
}

/** Where loaded points begin: the first is one step later, as `from` is exclusive. A whole hour. */
const START_SECONDS = 1_699_999_200

function readBlocks(script: string): Block[] {
  const blocks: Block[] = []
  for (const [index, line] of script.split('\n').entries()) {
    const text = line.trim().replace(/\s+/g, ' ')
    if (text === '' || text.startsWith('#')) continue
    if (/^\s/.test(line)) blocks.at(-1)?.rows.push(text)
    else blocks.push({ lineNumber: index + 1, head: text, rows: [] })
  }
  return blocks
}

async function evaluate(
  expression: string,
  { rows, stepSeconds, access }: LoadBlock,
): Promise<string[]> {
  const slotCount = Math.max(1, ...rows.map((row) => row.split(' ').length - 1))
  const untilSeconds = START_SECONDS + slotCount * stepSeconds
  try {
    const evaluated = await evaluateTargets([expression], {
      access,
      limits: DEFAULT_QUERY_LIMITS,
      signal: new AbortController().signal,
      fromSeconds: START_SECONDS,
      untilSeconds,
      nowSeconds: untilSeconds,
      timeZone: UTC,
      stepSeconds,
    })
    return evaluated.map(describeSeries)
  } catch (error) {
    if (error instanceof KymoError) return [`error ${error.code}`]
    throw error
  }
}

function readSeries(row: string, stepSeconds: number): FakeSeries {
  const [key = '', ...values] = row.split(' ')
  const points = values.flatMap((value, index): [number, number][] =>
    value === '_' ? [] : [[(START_SECONDS + (index + 1) * stepSeconds) * 1000, Number(value)]],
  )
  return { key, points }
}

function describeSeries(series: QuerySeries): string {
  const values = [...series.values].map((value) =>
    Number.isNaN(value) ? '_' : String(Number(value.toPrecision(12))),
  )
  return [series.name, ...values].join(' ').replace(/\s+/g, ' ').trim()
}
