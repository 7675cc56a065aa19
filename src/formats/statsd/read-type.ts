import type { MetricType, TimerKind } from '../../model/sample.ts'
import { LETTER_C, LETTER_D, LETTER_G, LETTER_H, LETTER_M, LETTER_S, SPACE } from './ascii.ts'
import type { DialectRules } from './profile.ts'
import { trimEnd } from './scan.ts'

/** What `bytes[start..end)` says a metric is; undefined if it is no type of the dialect. */
export function readType(
  bytes: Uint8Array,
  start: number,
  end: number,
  dialect: DialectRules['types'],
): MetricType | undefined {
  if (dialect === 'etsy') return readEtsyType(bytes, start, end)
  if (end - start === 2) return isTime(bytes, start, end) ? 'timer' : undefined
  if (end - start !== 1) return undefined
  switch (bytes[start] ?? 0) {
    case LETTER_C:
      return 'counter'
    case LETTER_M:
      return dialect === 'kymo' ? 'counter' : undefined
    case LETTER_G:
      return 'gauge'
    case LETTER_H:
    case LETTER_D:
      return 'timer'
    case LETTER_S:
      return 'set'
    default:
      return undefined
  }
}

/** Which of the types of timers it is. */
export function timerKindOf(bytes: Uint8Array, start: number, end: number): TimerKind {
  if (end - start !== 1) return 'timing'
  return bytes[start] === LETTER_D ? 'distribution' : 'histogram'
}

/** Whether the type is `ms`, blanks around it or not. */
export function isTime(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 2 && bytes[start] === LETTER_M && bytes[start + 1] === LETTER_S
}

/** There, blanks around a type mean nothing, and what is none of the three others counts. */
function readEtsyType(bytes: Uint8Array, start: number, end: number): MetricType {
  let typeStart = start
  while (typeStart < end && bytes[typeStart] === SPACE) typeStart++
  const typeEnd = trimEnd(bytes, typeStart, end)
  if (isTime(bytes, typeStart, typeEnd)) return 'timer'
  if (typeEnd - typeStart !== 1) return 'counter'
  if (bytes[typeStart] === LETTER_G) return 'gauge'
  return bytes[typeStart] === LETTER_S ? 'set' : 'counter'
}
