import { atMost } from '../../ingest/criterion.ts'
import type { Row } from '../../ingest/row.ts'
import { WrongAnswer } from '../../ingest/wrong-answer.ts'
import { openKymo } from '../answerer.ts'
import { measure } from '../measure.ts'
import { pointsOf } from '../name-tree.ts'

const [CENTRES, HOSTS, METRICS] = [8, 125, 1_000]
const MOST_P99_MS = 20
const TURNS = 200
const QUICK_TURNS = 40

/** What somebody asks who opens a tree level by level, or looks across it; and how many are answered: nodes of one name are one. */
const QUESTIONS: readonly (readonly [query: (turn: number) => string, found: number])[] = [
  [(turn) => `dc${turn % CENTRES}.*`, HOSTS],
  [(turn) => `dc${turn % CENTRES}.host${turn % HOSTS}.*`, METRICS],
  [(turn) => `*.host${turn % HOSTS}.*`, METRICS],
  [(turn) => `dc${turn % CENTRES}.*.metric${turn % METRICS}.*`, 1],
]

export const find: Row = {
  name: 'find',
  about: 'up to 1,000 nodes found among 1,000,000 paths, milliseconds from asking to the last byte',
  async run(bench) {
    const set = pointsOf({ centres: CENTRES, hosts: HOSTS, metrics: METRICS })
    const turns = bench.options.isQuick ? QUICK_TURNS : TURNS
    await using kymo = await openKymo(bench, set)
    const { p50, p99 } = await measure(turns, async (turn) => {
      const [query, wanted] = QUESTIONS[turn % QUESTIONS.length] ?? [() => '', 0]
      const body = await kymo.ask(`/metrics/find?query=${query(turn)}&noCache=1`)
      return () => {
        const { length } = JSON.parse(body) as unknown[]
        if (length !== wanted) throw new WrongAnswer(`${length} of ${query(turn)}, and not ${wanted}`)
      }
    })
    return {
      figures: { paths: set.series.length, 'p50 ms': p50, 'p99 ms': p99 },
      criteria: [atMost(MOST_P99_MS, 'milliseconds, p99', p99)],
    }
  },
}
