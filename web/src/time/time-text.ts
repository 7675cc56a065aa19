/** Times as they are typed, in Graphite's grammar, and what zooming and moving makes of them. */
export interface TimeText {
  /** '': since the first data, at most an hour. */
  readonly from: string
  /** '': now, going on. */
  readonly until: string
}

export interface Span {
  readonly fromSeconds: number
  readonly untilSeconds: number
}

export const PRESETS: readonly { readonly label: string; readonly from: string }[] = [
  { label: 'Auto', from: '' },
  { label: '5m', from: '-5min' },
  { label: '15m', from: '-15min' },
  { label: '1h', from: '-1h' },
  { label: '6h', from: '-6h' },
  { label: '24h', from: '-24h' },
  { label: '7d', from: '-7d' },
  { label: '30d', from: '-30d' },
]

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600, d: 86_400, w: 604_800 }
const LEAST_SPAN_SECONDS = 10

/** Epoch seconds of what needs no calendar. undefined: Kymo has to be asked what it means. */
export function resolveTime(text: string, nowSeconds: number): number | undefined {
  const trimmed = text.trim()
  if (trimmed === 'now') return nowSeconds
  if (/^\d{9,10}$/.test(trimmed)) return Number(trimmed)
  const [, count, unit = ''] = /^-(\d{1,9})(s|min|h|d|w)$/.exec(trimmed) ?? []
  return count === undefined ? undefined : nowSeconds - Number(count) * (UNIT_SECONDS[unit] ?? 0)
}

export function isLive({ until }: TimeText): boolean {
  return until === '' || until.trim() === 'now'
}

/** The stretch between two moments, as text. */
export function spanText(span: Span): TimeText {
  const from = Math.floor(Math.min(span.fromSeconds, span.untilSeconds))
  const until = Math.ceil(Math.max(span.fromSeconds, span.untilSeconds))
  const missing = Math.max(0, LEAST_SPAN_SECONDS - (until - from))
  return {
    from: String(from - Math.floor(missing / 2)),
    until: String(until + Math.ceil(missing / 2)),
  }
}

/** Twice as long around the same middle. What would reach past now ends now, and goes on with it. */
export function zoomOut(span: Span, nowSeconds: number): TimeText {
  const length = span.untilSeconds - span.fromSeconds
  return upToNow(
    { fromSeconds: span.fromSeconds - length / 2, untilSeconds: span.untilSeconds + length / 2 },
    nowSeconds,
  )
}

/** Half a span to the left (-1) or right (1). */
export function pan(span: Span, direction: -1 | 1, nowSeconds: number): TimeText {
  const shift = ((span.untilSeconds - span.fromSeconds) / 2) * direction
  return upToNow(
    { fromSeconds: span.fromSeconds + shift, untilSeconds: span.untilSeconds + shift },
    nowSeconds,
  )
}

function upToNow(span: Span, nowSeconds: number): TimeText {
  if (span.untilSeconds < nowSeconds) return spanText(span)
  const length = Math.round(span.untilSeconds - span.fromSeconds)
  return { from: `-${length}s`, until: '' }
}
