/**
 * What a shard holds of one metric, or of one way to write it: a record in one arena of bytes, so that a line touches
 * neighbouring memory only, and a million metrics are not a million objects. Byte offsets within a record:
 *
 *    0  hash      u32   of the text
 *    4  lengths   u32   bytes of the text before the value, 20 bits, and behind it, 12
 *    8  target    u32   where the metric's own record is; itself, if this is one
 *   12  kind      u4    what a sample does, see below
 *       text      u4    where the text begins, in units of 4
 *   13  flags     u8    what the text may be found as, and which values have been seen with it
 *   14  weight    u16   index into the weights of sample rates
 *   16  next      u32   the record whose line came behind this one's, the last time somebody looked; 0 if unknown
 *   20  usedIn    u32   number of the interval in which the metric last had a sample
 *   24  value     f64   sum of a counter, absolute value of a gauge
 *   32  id        u32   of the metric, for the keeper
 *   36  delta     f64   gauges only: sum of the deltas since the absolute value
 *   44  time      f64   gauges only: when the absolute value was received
 *   52  handed    f64   gauges only: sum of the deltas handed over in this interval
 *   36 or 60      text  before the value, then behind it; of another way to write a metric from 20 on, for all in between is the metric's
 *
 * Records begin at multiples of 8 and are referred to by that multiple, so that 32 bits reach 16 GiB. 0 is no record: what
 * stands there is all zero, but for the record whose line came first.
 */
export const HASH = 0
export const LENGTHS = 4
export const TARGET = 8
/** Kind, flags and weight together, as one u32. */
export const MEANING = 12
export const NEXT = 16
export const USED_IN = 20
export const VALUE = 24
export const ID = 32
export const DELTA = 36
export const TIME = 44
export const HANDED = 52

/** What all records have before their text. */
export const HEADER_BYTES = 20
const METRIC_BYTES = 36
const GAUGE_BYTES = 60

export const KIND_COUNTER = 0
export const KIND_GAUGE = 1
export const KIND_TIMER = 2
export const KIND_SET = 3
/** A way to write a metric that the intake rules refuse. */
export const KIND_EXCLUDED = 4
export const KIND_MASK = 0xf

/** The text is what a line has around its value. */
export const IS_SHAPE = 1 << 8
/** The text is the key of a metric and the usual mark of its type (`api.hits`, `|c`), and this is the metric's record. */
export const IS_METRIC = 1 << 9
/** Lines with a sign in front of the value have been accepted, so others can be. */
export const TAKES_PLUS = 1 << 10
export const TAKES_MINUS = 1 << 11
/** Of a gauge: a value with a sign is added. */
export const SIGN_IS_DELTA = 1 << 12
/** The keeper has been told the name, or will be with the next hand-over. */
export const IS_TOLD = 1 << 13
/** Of a timer, as what it was first sent: `h` or `d`; neither: `ms`. */
export const IS_HISTOGRAM = 1 << 14
export const IS_DISTRIBUTION = 1 << 15
/** What was learned from lines. */
export const LEARNED = IS_SHAPE | TAKES_PLUS | TAKES_MINUS | SIGN_IS_DELTA
export const WEIGHT_SHIFT = 16

/** Of the lengths. */
export const NAME_MASK = (1 << 20) - 1
export const MARK_SHIFT = 20

/** Where the text of a record begins. Without a branch: it is asked for with each line. */
export function textOffset(meaning: number): number {
  return (meaning >>> (TEXT_SHIFT - 2)) & (TEXT_MASK << 2)
}

/** The meaning of a record, with the place of its text. */
export function withTextOffset(meaning: number): number {
  return meaning | ((headBytes(meaning) >> 2) << TEXT_SHIFT)
}

function headBytes(meaning: number): number {
  const kind = meaning & KIND_MASK
  // What is refused has no metric: it remembers by itself in which interval it came.
  if ((meaning & IS_METRIC) === 0 && kind !== KIND_EXCLUDED) return HEADER_BYTES
  return kind === KIND_GAUGE ? GAUGE_BYTES : METRIC_BYTES
}

/** Length of a record: readers of the text go on to the end of its last word. */
export function recordBytes(meaning: number, textBytes: number): number {
  return (textOffset(meaning) + textBytes + 7) & ~7
}

const TEXT_SHIFT = 4
const TEXT_MASK = 0xf
