/**
 * Quantities as people write them: `10s`, `90d`, `64KiB`. A number without its unit is refused with a suggestion,
 * because nobody remembers whether a timeout was in seconds or milliseconds. Pure functions, no defaults.
 */
export type UnitResult = { readonly value: number } | { readonly problem: string }

/** Regular expression source, for JSON Schema as well. */
export const DURATION_PATTERN = '^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d|w|y)$'
export const SIZE_PATTERN = '^[0-9]+(\\.[0-9]+)?(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$'

/** A duration in milliseconds. A day has 24 hours and a year 365 days. */
export function parseDuration(text: string): UnitResult {
  return parseQuantity(text, DURATIONS)
}

/** A size in bytes. */
export function parseSize(text: string): UnitResult {
  return parseQuantity(text, SIZES)
}

/** In the largest unit that divides it: `90d`, `1500ms`. */
export function formatDuration(durationMs: number): string {
  return formatQuantity(durationMs, ['y', 'd', 'h', 'm', 's', 'ms'], DURATIONS)
}

/** In the largest binary unit that divides it: `64KiB`, `1000B`. */
export function formatSize(sizeBytes: number): string {
  return formatQuantity(sizeBytes, ['TiB', 'GiB', 'MiB', 'KiB', 'B'], SIZES)
}

interface Quantity {
  readonly noun: string
  /** What one of the smallest unit is called. */
  readonly smallest: string
  /** What a bare number most likely meant. */
  readonly likelyUnit: string
  readonly factors: ReadonlyMap<string, number>
  /** Spellings that are not accepted but understood well enough to suggest the right one; in lower case. */
  readonly misspellings: ReadonlyMap<string, string>
}

const SECOND = 1000
const DAY = 86_400 * SECOND

const DURATIONS: Quantity = {
  noun: 'a duration such as 500ms, 10s, 5m, 24h, 90d or 5y',
  smallest: 'millisecond',
  likelyUnit: 's',
  factors: new Map([
    ['ms', 1],
    ['s', SECOND],
    ['m', 60 * SECOND],
    ['h', 3600 * SECOND],
    ['d', DAY],
    ['w', 7 * DAY],
    ['y', 365 * DAY],
  ]),
  misspellings: misspellings({
    ms: 'ms msec msecs millisecond milliseconds millis',
    s: 's sec secs second seconds',
    m: 'm min mins minute minutes',
    h: 'h hr hrs hour hours',
    d: 'd day days',
    w: 'w wk week weeks',
    y: 'y yr year years',
  }),
}

const SIZES: Quantity = {
  noun: 'a size such as 64KiB, 8MiB or 1GiB',
  smallest: 'byte',
  likelyUnit: 'B',
  factors: new Map([
    ['B', 1],
    ['kB', 1e3],
    ['MB', 1e6],
    ['GB', 1e9],
    ['TB', 1e12],
    ['KiB', 2 ** 10],
    ['MiB', 2 ** 20],
    ['GiB', 2 ** 30],
    ['TiB', 2 ** 40],
  ]),
  misspellings: misspellings({
    B: 'b byte bytes',
    kB: 'kb',
    MB: 'mb',
    GB: 'gb',
    TB: 'tb',
    KiB: 'k ki kib',
    MiB: 'm mi mib',
    GiB: 'g gi gib',
    TiB: 't ti tib',
  }),
}

function parseQuantity(text: string, quantity: Quantity): UnitResult {
  const match = /^([0-9]{1,20}(?:\.[0-9]{1,20})?)([A-Za-z]+)$/.exec(text)
  const factor = quantity.factors.get(match?.[2] ?? '')
  if (match === null || factor === undefined) return { problem: wantedWithSuggestion(text, quantity) }
  // A decimal fraction of a unit is exact here to a millionth: 1.1 x 1000 is 1100, not 1100.0000000000001.
  const value = Number((Number(match[1]) * factor).toFixed(6))
  if (!Number.isSafeInteger(value)) return { problem: `a whole number of ${quantity.smallest}s` }
  return { value }
}

function wantedWithSuggestion(text: string, quantity: Quantity): string {
  const loose = /^\s*([0-9]{1,15}(?:\.[0-9]{1,6})?)\s*([A-Za-z]*)\s*$/.exec(text)
  if (loose === null) return quantity.noun
  const [, digits, unit = ''] = loose
  if (unit === '') {
    return `${quantity.noun.split(' such')[0]} with its unit: write "${digits}${quantity.likelyUnit}"`
  }
  const meant = quantity.misspellings.get(unit.toLowerCase())
  return meant === undefined ? quantity.noun : `${quantity.noun}: write "${digits}${meant}"`
}

function formatQuantity(value: number, units: readonly string[], quantity: Quantity): string {
  for (const unit of units) {
    const factor = quantity.factors.get(unit) ?? 1
    if (value !== 0 && value % factor === 0) return `${value / factor}${unit}`
  }
  return `${value}${units.at(-1)}`
}

function misspellings(byUnit: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(
    Object.entries(byUnit).flatMap(([unit, words]) =>
      words.split(' ').map((word): [string, string] => [word, unit]),
    ),
  )
}
