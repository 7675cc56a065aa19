import { loadavg } from 'node:os'
import { type Bench, say } from './bench.ts'
import type { Criterion } from './criterion.ts'
import type { Row, RowResult } from './row.ts'
import { Skip } from './skip.ts'
import { WrongAnswer } from './wrong-answer.ts'

/** `loadAverage`: of the last minute at the end, about 2 where nobody else uses the machine. */
export type RowReport = {
  readonly row: string
  readonly about: string
  readonly loadAverage: number
} & (
  | ({ readonly verdict: 'ok' | 'miss' } & RowResult)
  | { readonly verdict: 'skipped' | 'wrong' | 'failed'; readonly reason: string }
)

/** Each in turn; one that cannot be measured, or fails, does not keep the others from running. */
export async function runRows(rows: readonly Row[], bench: Bench): Promise<RowReport[]> {
  const reports: RowReport[] = []
  for (const row of rows) {
    say(`${row.name}: ${row.about}`)
    const result = await runRow(row, bench)
    const report = { row: row.name, about: row.about, loadAverage: loadavg()[0] ?? 0, ...result }
    reports.push(report)
    if ('criteria' in report) for (const criterion of report.criteria) say(`  ${criterionText(criterion)}`)
    else say(`  ${report.verdict}: ${report.reason}`)
  }
  return reports
}

async function runRow(row: Row, bench: Bench) {
  try {
    const result = await row.run(bench)
    const isMet = result.criteria.every(({ verdict }) => verdict === 'ok')
    return { verdict: isMet ? ('ok' as const) : ('miss' as const), ...result }
  } catch (error) {
    if (error instanceof Skip) return { verdict: 'skipped' as const, reason: error.message }
    if (error instanceof WrongAnswer) return { verdict: 'wrong' as const, reason: error.message }
    return {
      verdict: 'failed' as const,
      reason: error instanceof Error ? (error.stack ?? '') : String(error),
    }
  }
}

function criterionText({ what, value, verdict, ...limits }: Criterion): string {
  const limit = limits.atMost === undefined ? `at least ${limits.atLeast}` : `at most ${limits.atMost}`
  return `${verdict === 'ok' ? 'ok  ' : 'miss'} ${what}: ${value.toLocaleString('en')} (${limit})`
}
