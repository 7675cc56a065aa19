import type { SeriesIdentity } from '../../model/series-identity.ts'
import type { WireNames } from './wire-name.ts'

/**
 * Graphite's plaintext protocol: one line per point.
 *
 *   stats.counters.api;env=prod 10 1700000000
 *   ^^^^^^^^^^^^^^^^^^^^^^^^^^^                 name and tags, without white space
 *                               ^^             value: a finite decimal
 *                                  ^^^^^^^^^^  seconds since 1970
 */
export interface PointsToEncode {
  readonly series: readonly SeriesIdentity[]
  readonly values: Float64Array
  /** One time for all, or one for each. */
  readonly timesMs: number | Float64Array
}

/** Text of about this many characters is put out at a time. */
const PIECE_CHARACTERS = 65_536

/** Yields lines in bounded pieces. `refuse` is called with the place of each point that no line can carry. */
export function* encodeLines(
  points: PointsToEncode,
  names: WireNames,
  refuse: (index: number) => void,
): Generator<string> {
  const { series, values, timesMs } = points
  const commonEnd = typeof timesMs === 'number' ? lineEnd(timesMs) : undefined
  let piece = ''
  for (let i = 0; i < series.length; i += 1) {
    const identity = series[i] as SeriesIdentity
    const value = values[i] as number
    const name = names.nameOf(identity)
    if (name === '' || !Number.isFinite(value)) {
      refuse(i)
      continue
    }
    piece += `${name} ${value}${commonEnd ?? lineEnd((timesMs as Float64Array)[i] as number)}`
    if (piece.length >= PIECE_CHARACTERS) {
      yield piece
      piece = ''
    }
  }
  if (piece !== '') yield piece
}

function lineEnd(timeMs: number): string {
  return ` ${Math.floor(timeMs / 1000)}\n`
}
