import { KymoError } from '../telemetry/errors.ts'
import type { GraphSeries, GraphWindow } from './graph-series.ts'
import { drawLineGraph } from './line-graph.ts'
import { drawPieGraph } from './pie-graph.ts'
import { rasterize } from './rasterize.ts'
import { type GraphParameters, readGraphOptions } from './read-graph-options.ts'

/** Of more, nobody sees anything; and each takes its time. */
const MOST_SERIES = 1_000
/** Each line may go everywhere, and nobody can interrupt what paints. */
const MOST_PAINTED_PIXELS = 200_000_000

export interface GraphRequest extends GraphWindow {
  readonly format: 'svg' | 'png'
  /** Those of `/render`, of which the ones about drawing are read. */
  readonly parameters: GraphParameters
  readonly signal: AbortSignal
  readonly maxBytes: number
}

export interface Image {
  readonly contentType: string
  readonly body: Uint8Array
}

/**
 * A graph of the series, as an image: the same bytes for the same series and parameters. Rejects with the KymoErrors
 * `request-invalid` and `too-many-series`.
 */
export async function drawGraph(series: readonly GraphSeries[], request: GraphRequest): Promise<Image> {
  if (series.length > MOST_SERIES) throw new KymoError('too-many-series', { limit: MOST_SERIES })
  const options = readGraphOptions(request.parameters, series.length)
  const pixels = options.width * options.height * options.pixelRatio ** 2
  if (request.format === 'png' && pixels * series.length > MOST_PAINTED_PIXELS) {
    throw new KymoError('request-invalid', {
      problem: `An image of so many pixels has at most ${Math.floor(MOST_PAINTED_PIXELS / pixels)} series, not ${series.length}.`,
    })
  }
  const svg = options.kind === 'pie' ? drawPieGraph(series, options) : drawLineGraph(series, options, request)
  request.signal.throwIfAborted()
  if (svg.length > request.maxBytes) throw new KymoError('answer-too-large', { limit: request.maxBytes })
  if (request.format === 'svg') return { contentType: 'image/svg+xml', body: new TextEncoder().encode(svg) }
  return { contentType: 'image/png', body: await rasterize(svg, options.pixelRatio) }
}
