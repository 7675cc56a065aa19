import { atLeast, atMost, type Criterion } from '../ingest/criterion.ts'
import type { Bench } from '../ingest/bench.ts'
import type { RowResult } from '../ingest/row.ts'
import type { PointSet } from '../store/point-set.ts'
import { orSkipped } from '../store/rivals.ts'
import { type Answerer, openKymo, openPrometheus, openVictoria } from './answerer.ts'
import { measure } from './measure.ts'

export interface Comparison {
  readonly set: PointSet
  /** Milliseconds that half of the questions to Kymo may take. */
  readonly mostMs: number
  /** One question; resolves with the last byte to what looks at the answer, and throws where it is wrong. */
  readonly question: (answerer: Answerer, turn: number) => Promise<() => void>
}

const TURNS = 200
const QUICK_TURNS = 30

/** The same question to Kymo and to its rivals, one after the other, each with the machine to itself. */
export async function compare(bench: Bench, { set, mostMs, question }: Comparison): Promise<RowResult> {
  const turns = bench.options.isQuick ? QUICK_TURNS : TURNS
  const figures: Record<string, string | number> = { points: set.pointCount }
  const criteria: Criterion[] = []
  let kymoMs = 0
  for (const open of [openKymo, openVictoria, openPrometheus]) {
    const outcome = await orSkipped(async () => {
      await using answerer = await open(bench, set)
      return { name: answerer.name, ...(await measure(turns, (turn) => question(answerer, turn))) }
    })
    if (typeof outcome === 'string') {
      figures[`without ${open.name.slice(4).toLowerCase()}`] = outcome
      continue
    }
    const { name, ...spent } = outcome
    figures[`${name}, p50 ms`] = spent.p50
    figures[`${name}, p99 ms`] = spent.p99
    if (name === 'kymo') {
      kymoMs = spent.p50
      criteria.push(atMost(mostMs, 'milliseconds, p50', spent.p50))
    } else criteria.push(atLeast(1, `times as long, ${name}`, spent.p50 / kymoMs))
  }
  return { figures, criteria }
}
