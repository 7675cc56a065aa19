import type { MetricEvent } from '../../model/event.ts'
import type { EncodedItem } from '../delivery/encoded-item.ts'
import { toDatadogTag } from './names.ts'

const MOST_TITLE_CHARACTERS = 500
const MOST_TEXT_CHARACTERS = 4_000
const MOST_KEY_CHARACTERS = 100

/** An event of the v1 API. What is longer than it takes is cut. */
export function encodeEvent(
  event: MetricEvent,
  defaultHost: string | undefined,
  problem: string | undefined,
): EncodedItem {
  const { title, text, timeMs, priority = 'normal', alertType = 'info' } = event
  const body = {
    title: cut(title, MOST_TITLE_CHARACTERS),
    // A text is asked for, too.
    text: cut(text === '' ? title : text, MOST_TEXT_CHARACTERS),
    date_happened: Math.floor(timeMs / 1_000),
    priority,
    alert_type: alertType,
    host: event.hostname ?? defaultHost,
    aggregation_key: event.aggregationKey && cut(event.aggregationKey, MOST_KEY_CHARACTERS),
    source_type_name: event.sourceType,
    tags: event.tags.map(toDatadogTag),
  }
  return { text: JSON.stringify(body), source: event, problem }
}

/** A service check of the v1 API. */
export function encodeCheck(event: MetricEvent, defaultHost: string | undefined): EncodedItem {
  const { title, text, timeMs, status = 3 } = event
  const body = {
    check: title,
    host_name: event.hostname ?? defaultHost ?? '',
    status,
    timestamp: Math.floor(timeMs / 1_000),
    message: text === '' ? undefined : cut(text, MOST_TEXT_CHARACTERS),
    tags: event.tags.map(toDatadogTag),
  }
  return { text: JSON.stringify(body), source: event }
}

/** Not in the middle of a character. */
function cut(text: string, mostCharacters: number): string {
  return text.length <= mostCharacters ? text : text.slice(0, mostCharacters).replace(/[\ud800-\udbff]$/, '')
}
