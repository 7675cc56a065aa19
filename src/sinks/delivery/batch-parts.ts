import type { SinkResult } from '../sink.ts'

/** Of a batch that is sent to several places: what was taken at one is not sent there again when the runner tries the batch again. */
export class BatchParts {
  #batch: object | undefined
  #results: SinkResult[] = []

  /** `batch` is what the runner handed the sink; its parts have to be the same each time. */
  async send(batch: object, parts: readonly (() => Promise<SinkResult>)[]): Promise<SinkResult> {
    if (this.#batch !== batch) {
      this.#batch = batch
      this.#results = []
    }
    const results = this.#results
    for (const part of parts.slice(results.length)) results.push(await part())
    this.#batch = undefined
    return results.reduce(add, { refusedPoints: 0 })
  }
}

function add(a: SinkResult, b: SinkResult): SinkResult {
  const refusedPoints = a.refusedPoints + b.refusedPoints
  const sending = {
    encodingMs: (a.sending?.encodingMs ?? 0) + (b.sending?.encodingMs ?? 0),
    sendingMs: (a.sending?.sendingMs ?? 0) + (b.sending?.sendingMs ?? 0),
    bytes: (a.sending?.bytes ?? 0) + (b.sending?.bytes ?? 0),
  }
  return { refusedPoints, sending }
}
