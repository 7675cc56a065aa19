import type { QuerySeries } from '../../query/query-series.ts'
import type { StreamedSeries } from '../../query/streamed-series.ts'
import type { QueryAnswer } from '../services.ts'
import { AnswerBody } from './answer-body.ts'
import type { PieceRoom } from './piece-room.ts'

/** A series without its values, which come after it. */
export type SeriesHead = Omit<QuerySeries, 'values'>

/** Writes an answer of series one after the other, and the values of each in as many goes as they come in. Used once. */
export interface SeriesWriter {
  readonly contentType: string
  begin(body: AnswerBody): void
  beginSeries(body: AnswerBody, head: SeriesHead): void
  addValues(body: AnswerBody, values: Float64Array): void
  endSeries(body: AnswerBody): void
  end(body: AnswerBody): void
}

export interface EncodeOptions {
  readonly maxBytes: number
  /** Memory to write into; left out: new memory. */
  readonly room?: PieceRoom
}

/** All at once. Throws the KymoError `answer-too-large`. */
export function encodeWhole(
  writer: SeriesWriter,
  series: readonly QuerySeries[],
  { maxBytes, room }: EncodeOptions,
): QueryAnswer {
  const body = new AnswerBody(maxBytes, room)
  writer.begin(body)
  for (const one of series) {
    writer.beginSeries(body, one)
    writer.addValues(body, one.values)
    writer.endSeries(body)
  }
  writer.end(body)
  return body.toAnswer(writer.contentType)
}

/** Written between two looks at whether there are pieces to be taken. */
const VALUES_AT_ONCE = 8_192

/** In pieces, which are made as they are asked for. */
export async function* encodePieces(
  writer: SeriesWriter,
  series: AsyncIterable<StreamedSeries> | Iterable<StreamedSeries>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  const body = new AnswerBody(Number.POSITIVE_INFINITY)
  writer.begin(body)
  for await (const { head, values } of series) {
    writer.beginSeries(body, head)
    for await (const some of values) {
      for (let start = 0; start < some.length; start += VALUES_AT_ONCE) {
        writer.addValues(body, some.subarray(start, start + VALUES_AT_ONCE))
        if (body.hasPieces) yield* body.takePieces()
      }
    }
    writer.endSeries(body)
    if (body.hasPieces) yield* body.takePieces()
  }
  writer.end(body)
  yield* body.takeRest()
}
