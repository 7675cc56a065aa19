import { Readable } from 'node:stream'
import type { TapNews, TapQuestion } from '../model/tap.ts'
import type { ApiServices } from './services.ts'

/** What waits for a reader who is slow; what comes then is left out and counted. */
const MOST_WAITING_BYTES = 256 * 1_024

/**
 * What passes a stage, as lines of JSON: `{"kind":"line", …}`, `{"kind":"point", …}`, `{"kind":"event", …}`, and `{"kind":"left_out","count":n}` for what could not be
 * shown. Destroy it to leave.
 */
export function openTapStream(
  services: Pick<ApiServices, 'tap'>,
  question: Omit<TapQuestion, 'id'>,
): Readable {
  let leftOut = 0
  const stream = new Readable({ read() {}, highWaterMark: MOST_WAITING_BYTES })
  const end = services.tap(question, take)
  stream.once('close', end)
  // A stream that is destroyed by its reader's departure says so; there is nothing to do about it.
  stream.on('error', () => {})
  // The reader knows that it is heard.
  stream.push(toLine({ kind: 'begins', ...question }))
  return stream

  function take(news: TapNews | null): void {
    if (news === null) return void stream.push(null)
    leftOut += news.leftOut
    for (const item of news.items) {
      if (stream.readableLength < MOST_WAITING_BYTES) stream.push(toLine(item))
      else leftOut++
    }
    // With what comes next, if there is no room for it now.
    if (leftOut === 0 || stream.readableLength >= MOST_WAITING_BYTES) return
    stream.push(toLine({ kind: 'left_out', count: leftOut }))
    leftOut = 0
  }
}

function toLine(value: object): string {
  return `${JSON.stringify(value)}\n`
}
