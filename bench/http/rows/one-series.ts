import type { Row } from '../../ingest/row.ts'
import { WrongAnswer } from '../../ingest/wrong-answer.ts'
import { fleet } from '../fleet.ts'
import { compare } from '../rival-rows.ts'

const DAY_STEPS = 8_640
const HOSTS = 20
const MOST_MS = 1.5

export const oneSeries: Row = {
  name: 'one-series',
  about: '24 h of one series at 10 s as JSON, milliseconds from asking to the last byte',
  run(bench) {
    const set = fleet(HOSTS, DAY_STEPS)
    const startSeconds = set.startMs / 1_000
    const endSeconds = startSeconds + DAY_STEPS * 10
    return compare(bench, {
      set,
      mostMs: MOST_MS,
      async question({ name, ask }, turn) {
        const { name: series, values } = set.series[turn % HOSTS] ?? { name: '', values: new Float64Array(0) }
        if (name === 'kymo') {
          const body = await ask(
            `/render?target=${series}&from=${startSeconds - 1}&until=${endSeconds - 1}&format=json&noCache=1&turn=${turn}`,
          )
          return () => {
            const [found] = JSON.parse(body) as { datapoints: [number, number][] }[]
            check(
              found?.datapoints.map(([value]) => value),
              values,
            )
          }
        }
        const selector = name === 'prometheus' ? `points{name="${series}"}` : `{__name__="${series}"}`
        const query = new URLSearchParams({
          query: selector,
          start: String(startSeconds),
          end: String(endSeconds - 10),
          step: '10',
          nocache: '1',
        })
        const body = await ask(`/api/v1/query_range?${query.toString()}`)
        return () => {
          const { data } = JSON.parse(body) as { data: { result: { values: [number, string][] }[] } }
          check(
            data.result[0]?.values.map(([, value]) => Number(value)),
            values,
          )
        }
      },
    })
  },
}

function check(found: readonly number[] | undefined, wanted: Float64Array): void {
  if (found?.length !== wanted.length || found.some((value, index) => value !== wanted[index]))
    throw new WrongAnswer(`${found?.length ?? 0} values, and not those that were sent`)
}
