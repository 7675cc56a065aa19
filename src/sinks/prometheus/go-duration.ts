const PART = /([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)/gy

const FACTORS_MS: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['μs', 1e-3],
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
])

/** Milliseconds of a duration as Go writes it: `1m30s`, `1.5h`, `0`. undefined: it is none. */
export function parseGoDuration(text: string): number | undefined {
  if (text === '0') return 0
  let durationMs = 0
  let end = 0
  PART.lastIndex = 0
  for (let part = PART.exec(text); part !== null; part = PART.exec(text)) {
    durationMs += Number(part[1]) * (FACTORS_MS.get(part[2] ?? '') ?? Number.NaN)
    end = PART.lastIndex
  }
  return end === text.length && end > 0 && Number.isSafeInteger(Math.ceil(durationMs))
    ? durationMs
    : undefined
}
