import * as z from 'zod'
import type { RefusedItem } from '../delivery/http-sender.ts'

const bulkAnswer = z.object({
  errors: z.boolean(),
  items: z
    .array(
      z.record(
        z.string(),
        z.object({
          status: z.int(),
          error: z.object({ type: z.string().optional(), reason: z.string().nullish() }).optional(),
        }),
      ),
    )
    .optional(),
})

/**
 * Which of the documents were not taken, by the answer to a bulk request, which has an entry for each:
 *
 *   {"errors":true,"items":[{"create":{"status":201}},{"create":{"status":429,"error":{"type":"...","reason":"..."}}}]}
 *
 * 409 is an answer to what was sent before, and is there. undefined: it is no such answer.
 */
export function readBulkAnswer<Item>(text: string, items: readonly Item[]): RefusedItem<Item>[] | undefined {
  const answer = parse(text)
  if (answer === undefined) return undefined
  if (!answer.errors) return []
  if (answer.items?.length !== items.length) return undefined
  return answer.items.flatMap((entry, index): RefusedItem<Item>[] => {
    const [result] = Object.values(entry)
    if (result === undefined || result.status < 300 || result.status === 409) return []
    const { status, error } = result
    const reason = `${status}: ${error?.type ?? 'no reason given'}${error?.reason ? `: ${error.reason.slice(0, 300)}` : ''}`
    const item = items[index] as Item
    return [LATER.has(status) || status >= 500 ? { item, reason, isRetryable: true } : { item, reason }]
  })
}

/** Busy, or something is to be set right that is not the document: rights, or an index that is not there. */
const LATER = new Set([401, 403, 404, 408, 429])

function parse(text: string): z.output<typeof bulkAnswer> | undefined {
  try {
    return bulkAnswer.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
