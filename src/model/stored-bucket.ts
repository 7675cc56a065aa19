import { bucketIndex, bucketMiddle } from './bucket-index.ts'
import { FINEST_SCALE } from './timer-sketch.ts'
import type { SeriesIdentity } from './series-identity.ts'
import type { SeriesKey } from './series-key.ts'

/**
 * The buckets that the sketches of timers are stored in: those of the finest scale, each a series of the weights that fell into it. What is
 * nearer to 0 than the first is 0; what is farther away than the last is in the last.
 *
 *   place   0 ...................... ZERO ...................... BUCKET_PLACES - 1
 *   node    n5_1599 ...... n5_-960   zero   p5_-960 ............ p5_1599
 *   values  -1e15 ......... -1e-9     0     1e-9 ......................... 1e15
 */
export const BUCKET_PLACES: number = 5_121
const LOWEST_INDEX = -30 << FINEST_SCALE
const HIGHEST_INDEX = (50 << FINEST_SCALE) - 1
const ZERO = HIGHEST_INDEX - LOWEST_INDEX + 1

/** Places are in the order of values. */
export function placeOfValue(value: number): number {
  if (value > 0) return placeOfBucket(1, bucketIndex(value))
  return value < 0 ? placeOfBucket(-1, bucketIndex(-value)) : ZERO
}

/** Of a bucket of the finest scale, on this side of 0. */
export function placeOfBucket(sign: 1 | -1, index: number): number {
  if (index < LOWEST_INDEX) return ZERO
  return ZERO + sign * (Math.min(index, HIGHEST_INDEX) - LOWEST_INDEX + 1)
}

/** What stands for the values of a bucket: wrong by 1.1 % at most. */
export function valueOfPlace(place: number): number {
  if (place === ZERO) return 0
  const index = Math.abs(place - ZERO) - 1 + LOWEST_INDEX
  return Math.sign(place - ZERO) * bucketMiddle(index, FINEST_SCALE)
}

/** The end of the name of the bucket's series, behind that of the timer: `sketch.p5_212`. */
export function nodesOfPlace(place: number): string {
  if (place === ZERO) return 'sketch.zero'
  const index = Math.abs(place - ZERO) - 1 + LOWEST_INDEX
  return `sketch.${place > ZERO ? 'p' : 'n'}${FINEST_SCALE}_${index}`
}

/** Which bucket's series it is; undefined: no bucket's. A suffix of all names may follow. */
export function placeOfKey(key: SeriesKey): number | undefined {
  const nameEnd = key.indexOf(';')
  const found = NODES.exec(nameEnd < 0 ? key : key.slice(0, nameEnd))?.groups
  if (found === undefined) return undefined
  if (found['index'] === undefined) return ZERO
  const index = Number(found['index'])
  if (index < LOWEST_INDEX || index > HIGHEST_INDEX) return undefined
  return placeOfBucket(found['sign'] === 'p' ? 1 : -1, index)
}

/** The last that there is. */
const NODES = /^.*\.sketch\.(?:zero|(?<sign>[pn])5_(?<index>-?\d{1,4}))(?:\.|$)/s

/**
 * The series of a timer's counts, split where the nodes of a bucket go instead of `.count`: whose counts are kept, its sketch is too.
 * undefined: it is another series.
 */
export function aroundBucket({
  key,
  metricKey,
  metricType,
  statistic,
  percentile,
}: SeriesIdentity): readonly [before: string, behind: string] | undefined {
  if (metricType !== 'timer' || statistic !== 'count' || percentile !== undefined) return undefined
  const [name = ''] = metricKey.split(';', 1)
  const place = key.split(';', 1)[0]?.lastIndexOf(`${name}.count`) ?? -1
  if (place < 0) return undefined
  const end = place + name.length
  return [key.slice(0, end + 1), key.slice(end + '.count'.length)]
}
