import type { Row } from '../../ingest/row.ts'
import { WrongAnswer } from '../../ingest/wrong-answer.ts'
import type { Answerer } from '../answerer.ts'
import { fleet } from '../fleet.ts'
import { compare } from '../rival-rows.ts'

const HOUR_STEPS = 360
const HOSTS = 200
const PANELS = 20
/** Of a panel: three times ten, the groups, and the percentile. */
const SERIES = 41
const MOST_MS = 60

/** The same five of ten hosts, in Graphite's language and in that of Prometheus. `%` is the first digits of their numbers. */
const TARGETS: readonly (readonly [graphite: string, toQuery: (series: string, keep: string) => string])[] = [
  ["movingAverage(web.h%*.load,'5min')", (series, keep) => `avg_over_time(${series}[5m])${keep}`],
  ["summarize(web.h%*.load,'1min','sum')", (series, keep) => `sum_over_time(${series}[1m])${keep}`],
  ["aliasByNode(groupByNode(web.h%*.load,1,'sum'),0)", (series) => `sum by (name, __name__) (${series})`],
  [
    'nonNegativeDerivative(web.h%*.load)',
    (series, keep) => `clamp_min(delta(${series}[20s])${keep}, 0)${keep}`,
  ],
  ['percentileOfSeries(web.h%*.load,95)', (series) => `quantile(0.95, ${series})`],
]

export const twentyRenders: Row = {
  name: 'twenty-renders',
  about: '20 panels at once of 5 targets each over 10 series and 1 h, milliseconds until the last is there',
  run(bench) {
    const set = fleet(HOSTS, HOUR_STEPS)
    const startSeconds = set.startMs / 1_000
    const endSeconds = startSeconds + HOUR_STEPS * 10
    const range = { start: String(startSeconds), end: String(endSeconds - 10), step: '10', nocache: '1' }
    const askPanel = async ({ name, ask }: Answerer, panel: number, turn: number): Promise<() => void> => {
      const digits = String(panel).padStart(3, '0')
      if (name === 'kymo') {
        const query = new URLSearchParams({
          from: String(startSeconds - 1),
          until: String(endSeconds - 1),
          format: 'json',
          noCache: '1',
          turn: String(turn),
        })
        for (const [target] of TARGETS) query.append('target', target.replace('%', digits))
        const body = await ask(`/render?${query.toString()}`)
        return () => {
          const { length } = JSON.parse(body) as unknown[]
          if (length !== SERIES) throw new WrongAnswer(`${length} series in a panel, and not ${SERIES}`)
        }
      }
      // There is one query a request here.
      const bodies = await Promise.all(
        TARGETS.map(async ([, toQuery]) => {
          const series =
            name === 'prometheus' ? `points{name=~"web.h${digits}.*"}` : `{__name__=~"web.h${digits}.*"}`
          // Otherwise all series of an answer are the same one there.
          const keep = name === 'victoria-metrics' ? ' keep_metric_names' : ''
          const query = new URLSearchParams({ ...range, query: toQuery(series, keep) })
          return await ask(`/api/v1/query_range?${query.toString()}`)
        }),
      )
      return () => {
        const series = bodies.map((body) => {
          const { data } = JSON.parse(body) as { data: { result: unknown[] } }
          return data.result.length
        })
        const count = series.reduce((sum, length) => sum + length, 0)
        if (count !== SERIES) throw new WrongAnswer(`${count} series in a panel, and not ${SERIES}`)
      }
    }
    return compare(bench, {
      set,
      mostMs: MOST_MS,
      async question(answerer, turn) {
        const checks = await Promise.all(
          Array.from({ length: PANELS }, (_, panel) => askPanel(answerer, panel, turn)),
        )
        return () => {
          for (const check of checks) check()
        }
      },
    })
  },
}
