import type { Clock } from '../../lib/clock.ts'
import type { QueryLimits } from '../../query/query-limits.ts'
import type { RequestParameters } from '../../query/request-parameters.ts'
import { lastValue } from '../../query/request-parameters.ts'
import type { TimeZone } from '../../query/time-zone.ts'
import type { StoreAccess } from '../../store/access.ts'
import type { CatalogEntry } from '../../store/catalog.ts'
import type { PointReader } from '../../store/engine.ts'
import type { SizeReader } from '../../store/sizes.ts'
import { KymoError } from '../../telemetry/errors.ts'
import type { PieceRoom } from '../encode/piece-room.ts'
import type { SeriesUsage } from '../series-usage.ts'
import { excerpt } from '../../lib/excerpt.ts'

/** What answers are made from. */
export interface AnswerContext {
  readonly access: StoreAccess
  /** For moving points elsewhere. */
  readonly pointReader?: PointReader
  /** For naming them all: in no order; throws the KymoError `too-many-results` past the limit. */
  readonly allSeries?: (limit: number) => Promise<readonly CatalogEntry[]>
  /** For telling what takes the most space. */
  readonly sizeReader?: Pick<SizeReader, 'sizes'>
  readonly clock: Clock
  /** Seconds between points of the finest tier; an integer of at least 1. */
  readonly stepSeconds: number
  readonly defaultTimeZone: TimeZone
  readonly limits: QueryLimits
  /** Memory that answers are written into; left out: new memory for each. */
  readonly room?: PieceRoom
  /** Where it is counted which series are read; left out: nowhere. */
  readonly usage?: SeriesUsage
}

/** A whole number, as people write it. Throws the KymoError `request-invalid`. */
export function readInteger(parameters: RequestParameters, name: string, missing: number): number {
  const text = lastValue(parameters, name)
  if (text === undefined) return missing
  if (/^-?[0-9]{1,9}$/.test(text)) return Number(text)
  throw new KymoError('request-invalid', {
    problem: `Parameter \`${name}\`: "${excerpt(text, 100)}" is not a whole number.`,
  })
}

/** How many are wanted of something, which is never more than `most`. Throws the KymoError `request-invalid`. */
export function readLimit(parameters: RequestParameters, missing: number, most: number): number {
  const limit = readInteger(parameters, 'limit', missing)
  if (limit >= 1) return Math.min(limit, most)
  throw new KymoError('request-invalid', {
    problem: 'Parameter `limit`: a number of at least 1 is wanted.',
  })
}

export function missingQuery(): KymoError {
  return new KymoError('request-invalid', { problem: "Missing required parameter 'query'" })
}
