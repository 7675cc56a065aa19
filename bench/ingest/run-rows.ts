import { type Bench, say } from './bench.ts'
import type { Criterion } from './criterion.ts'
import type { Row, RowResult } from './row.ts'
import { Skip } from './skip.ts'
import { WrongAnswer } from './wrong-answer.ts'

export type RowReport = { readonly row: string; readonly about: string } & (
  | ({ readonly verdict: 'ok' | 'miss' } & RowResult)
  | { readonly verdict: 'skipped' | 'wrong'; readonly reason: string }
)

/** Each in turn; one that cannot be measured, or is wrong, does not keep the others from running. */
export async function runRows(rows: readonly Row[], bench: Bench): Promise<RowReport[]> {
  const reports: RowReport[] = []
  for (const row of rows) {
    const report = { row: row.name, about: row.about, ...(await runRow(row, bench)) }
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
    throw error
  }
}

function criterionText({ what, value, verdict, ...limits }: Criterion): string {
  const limit = limits.atMost === undefined ? `at least ${limits.atLeast}` : `at most ${limits.atMost}`
  return `${verdict === 'ok' ? 'ok  ' : 'miss'} ${what}: ${value.toLocaleString('en')} (${limit})`
}
