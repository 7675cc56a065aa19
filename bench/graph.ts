// What a picture costs: 10 series of 1,000 points, 800 x 400 pixels, as `/render` draws it. Prints one line of JSON. Run with
// `node bench/graph.ts`. Each answer is checked; the floor is a walk over the points alone.
import { drawGraph } from '../src/graph/draw-graph.ts'
import type { GraphSeries } from '../src/graph/graph-series.ts'
import { findTimeZone } from '../src/query/time-zone.ts'

const ROUNDS = 41
const START_SECONDS = 1_700_006_400
const STEP_SECONDS = 10
const POINTS = 1_000

const series = Array.from({ length: 10 }, (_, number): GraphSeries => {
  let noise = number + 1
  const values = Float64Array.from({ length: POINTS }, (_unused, i) => {
    noise = (noise * 16_807) % 2_147_483_647
    return 100 + number * 30 + 20 * Math.sin(i / (20 + number)) + noise / 2_147_483_647
  })
  const name = `prod.web${number}.requests.count`
  return { name, values, startSeconds: START_SECONDS, stepSeconds: STEP_SECONDS, consolidation: 'average' }
})

const floorMs = await median(() => {
  let sum = 0
  for (const { values } of series) for (const value of values) sum += value
  check(sum > 0, 'the points are walked over')
})
const svgMs = await median(async () => {
  const text = new TextDecoder().decode(await draw('svg'))
  // Two points of ten seconds in a pixel, and so half of them in each line, and the name of each series.
  const lines = [...text.matchAll(/<path d="(M[^"]*)" stroke="#[0-9a-f]{6}" stroke-width="1.5"/g)]
  check(lines.length === series.length, 'each series is a line')
  check(
    lines.every(([, d = '']) => d.split('L').length >= POINTS / 2),
    'lines have all their points',
  )
  check(
    series.every(({ name }) => text.includes(`>${name}</text>`)),
    'each series is named',
  )
})
const pngMs = await median(async () => {
  const image = Buffer.from(await draw('png'))
  check(image.toString('latin1', 1, 4) === 'PNG', 'it is a PNG')
  check(image.readUInt32BE(16) === 800 && image.readUInt32BE(20) === 400, 'of 800 x 400 pixels')
  check(image.length > 50_000, 'with something on it')
})
console.log(
  JSON.stringify({
    svgMs,
    pngMs,
    floorMs,
    svgPerFloor: round(svgMs / floorMs),
    pngPerSvg: round(pngMs / svgMs),
  }),
)

async function draw(format: 'svg' | 'png'): Promise<Uint8Array> {
  const timeZone = findTimeZone('UTC')
  if (timeZone === undefined) throw new Error('there is no UTC')
  const { body } = await drawGraph(series, {
    fromSeconds: START_SECONDS - STEP_SECONDS,
    untilSeconds: START_SECONDS + (POINTS - 1) * STEP_SECONDS,
    timeZone,
    format,
    parameters: { width: ['800'], height: ['400'], title: ['Requests'] },
    signal: new AbortController().signal,
    maxBytes: 10_000_000,
  })
  return body
}

async function median(action: () => unknown): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < ROUNDS; i++) {
    const began = performance.now()
    await action()
    times.push(performance.now() - began)
  }
  return round(times.sort((a, b) => a - b)[ROUNDS >> 1] ?? Number.NaN)
}

function round(value: number): number {
  return Number(value.toPrecision(3))
}

function check(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(`not so: ${what}`)
}
