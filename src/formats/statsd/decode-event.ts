import type { MetricEvent } from '../../model/event.ts'
import type { RejectionReason } from '../../model/rejection.ts'
import type { Tag } from '../../model/series-key.ts'
import { decodeUtf8 } from '../decode-text.ts'
import type { DecodedOutput } from '../format.ts'
import { FUTURE_LIMIT_MS } from '../future-limit.ts'
import { addDogstatsdTags } from '../tags.ts'
import { BRACE, COLON, COMMA, HASH, PIPE, ZERO } from './ascii.ts'
import type { StatsdLimits } from './limits.ts'
import type { DialectRules } from './profile.ts'
import { find, readDigits, trimEnd } from './scan.ts'
import { settleTags } from './settle-tags.ts'

/**
 * Decodes `_e{7,11}:restart|of web1\nnow|d:1700000000|h:web1|k:deploys|p:low|s:chef|t:info|#env:prod`.
 *
 * The lengths count the bytes of title and text as they are sent; in both, `\n` stands for a line feed.
 */
export function decodeEvent(
  bytes: Uint8Array,
  start: number,
  end: number,
  receivedAtMs: number,
  setting: EventSetting,
): RejectionReason | undefined {
  const titleLengthStart = start + '_e{'.length
  const comma = find(COMMA, bytes, titleLengthStart, end)
  const brace = find(BRACE, bytes, comma, end)
  const titleLength = readDigits(bytes, titleLengthStart, comma)
  const textLength = comma === end ? -1 : readDigits(bytes, comma + 1, brace)
  if (titleLength < 1 || textLength < 0 || bytes[brace + 1] !== COLON) return 'bad_event'

  const titleStart = brace + 2
  const titleEnd = titleStart + titleLength
  const textEnd = titleEnd + 1 + textLength
  if (textEnd > end) return 'bad_event'
  const isWhereItShouldBe = bytes[titleEnd] === PIPE && (textEnd === end || bytes[textEnd] === PIPE)
  if (setting.rules.events === 'counted' && !isWhereItShouldBe) return 'bad_event'

  const event: Draft = {
    kind: 'event',
    timeMs: receivedAtMs,
    title: unescape(decodeUtf8(bytes, titleStart, titleEnd)),
    text: unescape(decodeUtf8(bytes, titleEnd + 1, textEnd)),
    tags: [],
  }
  readFields(event, bytes, find(PIPE, bytes, textEnd, end) + 1, end, receivedAtMs)
  return putOut(event, setting)
}

/** Decodes `_sc|web1.up|2|d:1700000000|h:web1|#env:prod|m:no answer\nfor 30 s`: a name and a status from 0 to 3. */
export function decodeServiceCheck(
  bytes: Uint8Array,
  start: number,
  end: number,
  receivedAtMs: number,
  setting: EventSetting,
): RejectionReason | undefined {
  const nameStart = start + '_sc|'.length
  const nameEnd = find(PIPE, bytes, nameStart, end)
  const statusEnd = find(PIPE, bytes, nameEnd + 1, trimEnd(bytes, nameStart, end))
  const status = STATUSES[(bytes[nameEnd + 1] ?? 0) - ZERO]
  if (nameEnd === nameStart || statusEnd !== nameEnd + 2 || status === undefined) return 'bad_event'

  const title = decodeUtf8(bytes, nameStart, nameEnd)
  const check: Draft = { kind: 'service_check', timeMs: receivedAtMs, title, text: '', tags: [], status }
  readFields(check, bytes, statusEnd + 1, end, receivedAtMs)
  return putOut(check, setting)
}

export interface EventSetting {
  readonly rules: DialectRules
  readonly limits: StatsdLimits
  readonly out: DecodedOutput
}

/** An event while it is being read. */
type Draft = { -readonly [Field in keyof MetricEvent]: MetricEvent[Field] } & { tags: Tag[] }

const STATUSES = [0, 1, 2, 3] as const

function putOut(event: Draft, { rules, limits, out }: EventSetting): RejectionReason | undefined {
  const reason = settleTags(event.tags, rules, limits)
  if (reason === undefined) out.event(event)
  return reason
}

/** The fields of `bytes[start..end)`. One that is not known or makes no sense is passed over; of several the last counts. */
function readFields(event: Draft, bytes: Uint8Array, start: number, end: number, receivedAtMs: number): void {
  const fieldsEnd = trimEnd(bytes, start, end)
  for (let fieldStart = start; fieldStart < fieldsEnd; ) {
    const fieldEnd = find(PIPE, bytes, fieldStart, fieldsEnd)
    if (bytes[fieldStart] === HASH) {
      event.tags = []
      addDogstatsdTags(decodeUtf8(bytes, fieldStart + 1, fieldEnd), event.tags)
    } else if (fieldStart + 1 < fieldEnd && bytes[fieldStart + 1] === COLON) {
      const mark = String.fromCharCode(bytes[fieldStart] ?? 0)
      if (mark === 'd') {
        const timeMs = readDigits(bytes, fieldStart + 2, fieldEnd) * 1_000
        if (timeMs > 0 && timeMs <= receivedAtMs + FUTURE_LIMIT_MS) event.timeMs = timeMs
      } else {
        setField(event, mark, decodeUtf8(bytes, fieldStart + 2, fieldEnd))
      }
    }
    fieldStart = fieldEnd + 1
  }
}

function setField(event: Draft, mark: string, value: string): void {
  if (value === '') return
  if (mark === 'h') event.hostname = value
  if (event.kind === 'service_check') {
    if (mark === 'm') event.text = unescape(value)
    return
  }
  if (mark === 'k') event.aggregationKey = value
  if (mark === 's') event.sourceType = value
  if (mark === 'p' && (value === 'normal' || value === 'low')) event.priority = value
  if (mark === 't' && isAlertType(value)) event.alertType = value
}

function isAlertType(value: string): value is NonNullable<MetricEvent['alertType']> {
  return value === 'error' || value === 'warning' || value === 'info' || value === 'success'
}

function unescape(text: string): string {
  return text.replaceAll('\\n', '\n')
}
