import * as z from 'zod'
import { parseEventTag } from '../../model/event-tag.ts'
import type { MetricEvent } from '../../model/event.ts'
import { KymoError } from '../../telemetry/errors.ts'
import { readDocument } from '../read-document.ts'
import { answerJson, type Route } from '../route.ts'
import { STORE_ERRORS } from '../route-errors.ts'

const MAX_TITLE_LENGTH = 1_000
const MAX_TEXT_LENGTH = 65_536
const MAX_TAGS = 100
const MAX_TAG_LENGTH = 200
/** The year 9999 ends: anything later is milliseconds. */
const LAST_SECONDS = 253_402_300_799

const newEvent = z.object({
  what: z
    .string()
    .max(MAX_TITLE_LENGTH)
    .regex(/\S/, 'a title is wanted')
    .describe(`What happened. Required; at most ${MAX_TITLE_LENGTH} characters.`),
  tags: z
    .union([z.string(), z.array(z.string())], 'a text or a list of texts is wanted')
    .nullish()
    .describe(`Tags, as a list or divided by spaces; \`key:value\` or a word. At most ${MAX_TAGS}.`),
  when: z
    .union([z.number(), z.string().regex(/^[0-9]+(\.[0-9]+)?$/)], 'epoch seconds are wanted')
    .refine((seconds) => Number(seconds) >= 0 && Number(seconds) <= LAST_SECONDS, {
      error: 'it lies outside the years 1970 to 9999 (times are in seconds, not milliseconds)',
    })
    .nullish()
    .describe('When: epoch seconds. Default: now.'),
  data: z
    .string()
    .max(MAX_TEXT_LENGTH)
    .nullish()
    .describe(`What else there is to say. At most ${MAX_TEXT_LENGTH} characters.`),
})

export const eventsAdd: Route = {
  methods: ['POST'],
  url: '/events',
  scope: 'write',
  summary: 'Adds an event, as Graphite takes them.',
  description:
    'The body is a JSON object. From a program it may come under any content type, as `curl -d` sends it; from a page it has ' +
    'to be `application/json`.',
  body: newEvent,
  answer: {
    schema: z.object({ id: z.int() }),
    contentTypes: ['application/json'],
    description: '`{"id"}`, once the event is safe.',
  },
  errors: STORE_ERRORS,
  handler:
    ({ services, clock }) =>
    async ({ body }) =>
      answerJson({ id: await services.events.add(toEvent(body, clock.nowMs())) }),
}

function toEvent(body: unknown, nowMs: number): MetricEvent {
  // What is there was checked before it came here.
  const event = readDocument(newEvent, body, '`what` and, if wanted, `tags`, `when` and `data`')
  const { what, when, data } = event
  return {
    kind: 'event',
    timeMs: when === undefined || when === null ? nowMs : Math.round(Number(when) * 1000),
    title: what,
    text: data ?? '',
    tags: toWords(event.tags ?? []).map(parseEventTag),
  }
}

/** Graphite keeps tags as one text, so a space divides them in a list as well. */
function toWords(tags: string | readonly string[]): string[] {
  const texts = typeof tags === 'string' ? [tags] : tags
  const words = texts.flatMap((text) => text.split(/\s+/)).filter((word) => word !== '')
  if (words.length > MAX_TAGS) throw invalid(`The event has ${words.length} tags; the limit is ${MAX_TAGS}`)
  const tooLong = words.find((word) => word.length > MAX_TAG_LENGTH)
  if (tooLong !== undefined) throw invalid(`A tag of the event is longer than ${MAX_TAG_LENGTH} characters`)
  return words
}

function invalid(problem: string): KymoError {
  return new KymoError('request-invalid', { problem: `${problem}.` })
}
