import { ProtobufError, ProtobufReader } from '../../lib/protobuf-reader.ts'
import { ProtobufWriter } from '../../lib/protobuf-writer.ts'

/** What an ExportMetricsServiceResponse, or that of logs, says: all is well, but for so many. */
export interface ExportAnswer {
  readonly rejected: number
  /** '': nothing is said. */
  readonly message: string
}

const ALL_WELL: ExportAnswer = { rejected: 0, message: '' }

export function encodeAnswerProtobuf({ rejected, message }: ExportAnswer): Uint8Array<ArrayBuffer> {
  const writer = new ProtobufWriter(256)
  if (rejected > 0 || message !== '') {
    writer.message(1, () => {
      writer.int(1, rejected)
      writer.text(2, message)
    })
  }
  return writer.finish()
}

export function encodeAnswerJson({ rejected, message }: ExportAnswer): string {
  if (rejected === 0 && message === '') return '{}'
  return JSON.stringify({ partialSuccess: { rejectedDataPoints: String(rejected), errorMessage: message } })
}

/** What cannot be read says nothing: the request was taken, whatever the server said of it. */
export function decodeAnswerProtobuf(body: Uint8Array): ExportAnswer {
  try {
    const answer = new ProtobufReader(body)
    let result = ALL_WELL
    while (answer.next()) {
      if (answer.field === 1) result = readPartialSuccess(answer.message())
      else answer.skip()
    }
    return result
  } catch (error) {
    if (error instanceof ProtobufError) return ALL_WELL
    throw error
  }
}

export function decodeAnswerJson(text: string): ExportAnswer {
  try {
    const answer = JSON.parse(text) as { readonly partialSuccess?: Readonly<Record<string, unknown>> } | null
    const partial = answer?.partialSuccess ?? {}
    const rejected = Number(partial['rejectedDataPoints'] ?? partial['rejectedLogRecords'] ?? 0)
    const message = partial['errorMessage']
    return {
      rejected: Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0,
      message: typeof message === 'string' ? message : '',
    }
  } catch {
    return ALL_WELL
  }
}

function readPartialSuccess(message: ProtobufReader): ExportAnswer {
  let rejected = 0
  let text = ''
  while (message.next()) {
    if (message.field === 1) rejected = Math.max(0, message.int())
    else if (message.field === 2) text = message.text()
    else message.skip()
  }
  return { rejected, message: text }
}
