import type { Row } from '../../ingest/row.ts'
import { WrongAnswer } from '../../ingest/wrong-answer.ts'
import { fleet } from '../fleet.ts'
import { compare } from '../rival-rows.ts'

const HOUR_STEPS = 360
const HOSTS = 1_000
const MOST_MS = 10

export const sumOfMany: Row = {
  name: 'sum-of-many',
  about: 'the sum of 1,000 series over 1 h at 10 s as JSON, milliseconds from asking to the last byte',
  run(bench) {
    const set = fleet(HOSTS, HOUR_STEPS)
    const startSeconds = set.startMs / 1_000
    const endSeconds = startSeconds + HOUR_STEPS * 10
    const sums = Array.from({ length: HOUR_STEPS }, (_, step) =>
      set.series.reduce((sum, { values }) => sum + (values[step] ?? 0), 0),
    )
    return compare(bench, {
      set,
      mostMs: MOST_MS,
      async question({ name, ask }, turn) {
        if (name === 'kymo') {
          const body = await ask(
            `/render?target=sumSeries(web.*.load)&from=${startSeconds - 1}&until=${endSeconds - 1}&format=json&noCache=1&turn=${turn}`,
          )
          return () => {
            const [found] = JSON.parse(body) as { datapoints: [number, number][] }[]
            check(
              found?.datapoints.map(([value]) => value),
              sums,
            )
          }
        }
        const query = new URLSearchParams({
          query: name === 'prometheus' ? 'sum(points)' : 'sum({__name__=~"web.*load"})',
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
            sums,
          )
        }
      },
    })
  },
}

function check(found: readonly number[] | undefined, wanted: readonly number[]): void {
  if (found?.length !== wanted.length || found.some((value, index) => value !== wanted[index]))
    throw new WrongAnswer(`${found?.length ?? 0} sums, and not those of what was sent`)
}
