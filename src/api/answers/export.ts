import { excerpt } from '../../lib/excerpt.ts'
import { encodeColumns } from '../../formats/point-columns/encode-columns.ts'
import { joinSeries } from '../../formats/point-columns/join-series.ts'
import { MOST_KEY_BYTES, POINT_COLUMNS_TYPE, ROLLUPS } from '../../formats/point-columns/point-columns.ts'
import { allValues, lastValue, type RequestParameters } from '../../query/request-parameters.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import { untypedIdentity } from '../../model/untyped-identity.ts'
import type { TimeRange } from '../../model/time-range.ts'
import { readAllLevels } from '../../store/read-all-levels.ts'
import type { SeriesPoints } from '../../store/engine.ts'
import { KymoError } from '../../telemetry/errors.ts'
import { encodeJson } from '../encode/json.ts'
import type { QueryAnswer } from '../services.ts'
import type { AnswerContext } from './answer-context.ts'

const MOST_SERIES = 1_000_000
const MOST_SERIES_BYTES = 512 * 1024 * 1024
/** In one answer: 16 bytes each. */
const MOST_POINTS = 4_194_304
const MOST_KEYS = 1_000

/** The series there are, sorted by key: those that match a pattern, or all, tagged ones too. */
export async function answerExportSeries(
  parameters: RequestParameters,
  { access, allSeries }: AnswerContext,
): Promise<QueryAnswer> {
  if (allSeries === undefined) throw new Error('BUG: there is nobody to name all series')
  const pattern = lastValue(parameters, 'pattern')
  const found =
    pattern === undefined ? await allSeries(MOST_SERIES) : await access.findSeries(pattern, MOST_SERIES)
  const series = found
    .map(({ identity, firstSeenMs, lastSeenMs }) => ({
      key: identity.key,
      rollup: identity.rollup,
      first_ms: firstSeenMs,
      last_ms: lastSeenMs,
    }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  return encodeJson({ series }, { callback: undefined, isPretty: false, maxBytes: MOST_SERIES_BYTES })
}

/** All there is of series, as columns. */
export async function answerExportPoints(
  parameters: RequestParameters,
  { access, pointReader, clock }: AnswerContext,
  signal: AbortSignal,
): Promise<QueryAnswer> {
  if (pointReader === undefined) throw new Error('BUG: there is nobody to read points')
  const keys = allValues(parameters, 'key')
  if (keys.length > MOST_KEYS) throw new KymoError('too-many-series', { limit: MOST_KEYS })
  const long = keys.find((key) => Buffer.byteLength(key) > MOST_KEY_BYTES)
  if (long !== undefined)
    throw new KymoError('request-invalid', {
      problem: `Parameter \`key\`: "${excerpt(long, 100)}" is longer than ${MOST_KEY_BYTES} bytes.`,
    })
  const range: TimeRange = {
    startMs: readMs(parameters, 'from_ms', 0),
    endMs: readMs(parameters, 'until_ms', Number.MAX_SAFE_INTEGER),
  }
  const rollups = allValues(parameters, 'rollup')
  const series = keys.map((key, index) => identityOf(key, rollups[index]))
  const reader = {
    read: access.reader.read.bind(access.reader),
    points: pointReader.points.bind(pointReader),
  }
  const all = { reader, levels: access.levels, nowMs: clock.nowMs() }
  const found: SeriesPoints[] = []
  let points = 0
  for await (const one of readAllLevels(all, series, range, signal)) {
    points += one.values.length
    if (points > MOST_POINTS) throw new KymoError('too-many-points', { points, limit: MOST_POINTS })
    found.push(one)
  }
  return { contentType: POINT_COLUMNS_TYPE, body: encodeColumns(joinSeries(found)) }
}

function identityOf(key: SeriesKey, rollup: string | undefined): SeriesIdentity {
  const byName = untypedIdentity(key)
  const known = ROLLUPS.find((one) => one === rollup)
  return known === undefined ? byName : { ...byName, rollup: known }
}

function readMs(parameters: RequestParameters, name: string, missing: number): number {
  const text = lastValue(parameters, name)
  if (text === undefined) return missing
  if (/^[0-9]{1,16}$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text)
  throw new KymoError('request-invalid', {
    problem: `Parameter \`${name}\`: "${excerpt(text, 100)}" is no whole number of milliseconds.`,
  })
}
