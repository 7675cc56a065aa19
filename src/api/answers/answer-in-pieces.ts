import type { StreamedSeries } from '../../query/streamed-series.ts'
import { encodePieces, type SeriesWriter } from '../encode/series-writer.ts'
import type { QueryAnswer } from '../services.ts'

/**
 * An answer that is written while it goes out. Its first piece is there before anything is answered, so that what is wrong with most queries
 * is still said with a status.
 */
export async function answerInPieces(
  writer: SeriesWriter,
  series: AsyncIterable<StreamedSeries> | readonly StreamedSeries[],
  signal: AbortSignal,
): Promise<QueryAnswer> {
  const pieces = encodePieces(writer, series)
  const first = await pieces.next()
  signal.throwIfAborted()
  // Memory of its own, as every body has: a piece is mostly longer than what is written in it.
  const body = Uint8Array.from(first.done === true ? [] : first.value)
  return { contentType: writer.contentType, body, rest: pieces }
}
