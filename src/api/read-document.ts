import type * as z from 'zod'
import { KymoError } from '../telemetry/errors.ts'

/**
 * The JSON object of a body, as its schema has it. Throws the KymoError `request-invalid` where it is none; `contents` says what is
 * wanted of it, in words.
 */
export function readDocument<Schema extends z.ZodObject>(
  schema: Schema,
  body: unknown,
  contents: string,
): z.output<Schema> {
  const { success, data } = schema.safeParse(body)
  if (success) return data
  throw new KymoError('request-invalid', { problem: `The body has to be a JSON object with ${contents}` })
}
