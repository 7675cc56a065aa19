// Draws the example of docs/guide/graphs.md: `node scripts/example-graph.ts`. The values are made up, and the same each time.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { drawGraph } from '../src/graph/draw-graph.ts'
import type { GraphSeries } from '../src/graph/graph-series.ts'
import { findTimeZone } from '../src/query/time-zone.ts'

const FROM_SECONDS = 1_790_845_200
const STEP_SECONDS = 60
const POINTS = 360

let noise = 42
const { body } = await drawGraph(
  [requests('web1', 320, 7), requests('web2', 260, 9), requests('api', 180, 5)],
  {
    fromSeconds: FROM_SECONDS,
    untilSeconds: FROM_SECONDS + POINTS * STEP_SECONDS,
    timeZone: utc(),
    format: 'png',
    parameters: {
      width: ['800'],
      height: ['360'],
      title: ['Requests'],
      vtitle: ['per second'],
      areaMode: ['stacked'],
    },
    signal: new AbortController().signal,
    maxBytes: 10_000_000,
  },
)
writeFileSync(fileURLToPath(new URL('../docs/guide/graph.png', import.meta.url)), body)

function requests(name: string, level: number, waves: number): GraphSeries {
  const values = Float64Array.from({ length: POINTS }, (_, i) => {
    noise = (noise * 16_807) % 2_147_483_647
    const isAway = name === 'web2' && i > 215 && i < 240
    const wave = 1 + 0.35 * Math.sin((i / POINTS) * waves) + 0.08 * (noise / 2_147_483_647)
    return isAway ? Number.NaN : level * wave
  })
  const startSeconds = FROM_SECONDS + STEP_SECONDS
  return {
    name: `shop.${name}.requests`,
    values,
    startSeconds,
    stepSeconds: STEP_SECONDS,
    consolidation: 'average',
  }
}

function utc(): NonNullable<ReturnType<typeof findTimeZone>> {
  const zone = findTimeZone('UTC')
  if (zone === undefined) throw new Error('BUG: there is no UTC')
  return zone
}
