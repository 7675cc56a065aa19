// Appends a line of text for each point and event to a file; events are told by their title.
import { appendFileSync, existsSync } from 'node:fs'

export function create({ file, missing = false }) {
  const write = (lines, signal) => {
    signal.throwIfAborted()
    if (missing && !existsSync(file))
      throw Object.assign(new Error('there is no file'), { isRetryable: true, retryAfterMs: 5 })
    appendFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  }
  return {
    flush: ({ series, values }, signal) => write(series.map(({ key }, index) => [key, values[index]]), signal),
    points: ({ series, values }, signal) => write(series.map(({ key }, index) => [key, values[index]]), signal),
    events: (events, signal) => write(events.map(({ title }) => [title]), signal),
  }
}
