import { Skip } from '../ingest/skip.ts'

/** What a rival comes to, or why it is not there: its absence does not keep Kymo from being measured. */
export async function orSkipped<Result>(measure: () => Result | Promise<Result>): Promise<Result | string> {
  try {
    return await measure()
  } catch (error) {
    if (error instanceof Skip) return error.message
    throw error
  }
}
