import { drawGraph } from '../../src/graph/draw-graph.ts'
import { evaluateTargets } from '../../src/query/graphite/evaluate.ts'
import { FUNCTIONS } from '../../src/query/graphite/functions/index.ts'
import type { GraphiteFunction } from '../../src/query/graphite/graphite-function.ts'
import { DEFAULT_QUERY_LIMITS } from '../../src/query/query-limits.ts'
import { findTimeZone } from '../../src/query/time-zone.ts'
import { EXAMPLE_STORE } from './example-store.ts'

/** The end of a day. */
const UNTIL_SECONDS = Date.UTC(2026, 0, 31, 20) / 1_000
const FROM_SECONDS = UNTIL_SECONDS - 86_400
const STEP_SECONDS = 300
const SIZE = { width: ['560'], height: ['190'], fontSize: ['9'], hideLegend: ['false'] }
/** Lists that are handed to another function, and what nothing in the example store is. */
const UNDRAWN = new Set(['mapSeries', 'tukeyBelow'])

export function pictureFile({ name }: GraphiteFunction): string {
  return `functions/${name}.svg`
}

export function hasPicture({ name }: GraphiteFunction): boolean {
  return !UNDRAWN.has(name)
}

/** What each function's example makes of the example store, by path from the root of the repository. */
export async function drawFunctionPictures(): Promise<ReadonlyMap<string, string>> {
  const pictures = new Map<string, string>()
  for (const definition of new Set(FUNCTIONS.values())) {
    if (!hasPicture(definition)) continue
    pictures.set(`docs/reference/${pictureFile(definition)}`, await draw(definition))
  }
  return pictures
}

async function draw({ name, example }: GraphiteFunction): Promise<string> {
  const timeZone = findTimeZone('UTC')
  if (timeZone === undefined) throw new Error('BUG: there is no UTC')
  const window = { fromSeconds: FROM_SECONDS, untilSeconds: UNTIL_SECONDS, timeZone }
  const signal = new AbortController().signal
  let random = 1
  const series = await evaluateTargets([example], {
    ...window,
    access: EXAMPLE_STORE,
    limits: DEFAULT_QUERY_LIMITS,
    signal,
    stepSeconds: STEP_SECONDS,
    nowSeconds: UNTIL_SECONDS,
    random: () => (random = (random * 48_271) % 2_147_483_647) / 2_147_483_647,
  })
  const drawn = series.filter(({ values }) => !values.every(Number.isNaN))
  if (drawn.length === 0) throw new Error(`the example of ${name} gives nothing to draw: ${example}`)
  const { body } = await drawGraph(drawn, {
    ...window,
    format: 'svg',
    parameters: SIZE,
    signal,
    maxBytes: 1_000_000,
  })
  return `${new TextDecoder().decode(body)}\n`
}
