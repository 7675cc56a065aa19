import type { Writable } from 'node:stream'
import { KymoError, reasonOf } from '../../telemetry/errors.ts'
import type { ConsoleOptions } from '../console.ts'
import { joinLines } from '../delivery/join-lines.ts'
import type { Sink, SinkContext } from '../sink.ts'
import { eventsToJson, flushToJson, pointsToJson } from './format-json.ts'
import { eventsToText, flushToText, pointsToText } from './format-text.ts'

/**
 * Prints each flush to stdout or stderr. A screen is no storage: what could not be printed is not tried again. The
 * stream is not ours, so it is never ended.
 */
export function createConsoleSink(options: ConsoleOptions, context: SinkContext): Sink {
  const { name } = options
  const stream = context[options.type]
  // A reader that goes away (`kymo --stdout | head`) makes the stream emit an error, which nobody else may be
  // listening for. Each write learns of it by itself. Stays after `close`: the error may come later than that.
  if (!stream.listeners('error').includes(ignoreError)) stream.on('error', ignoreError)

  async function print(lines: Iterable<string>, signal: AbortSignal): Promise<void> {
    try {
      for (const piece of joinLines(lines)) await write(stream, piece, signal)
    } catch (error) {
      const reason = signal.aborted ? 'nobody reads it' : reasonOf(error)
      throw new KymoError('sink-refused', { name, reason }, { cause: error })
    }
  }

  const isJson = options.format === 'json'
  return {
    name,
    flush: (batch, signal) => print(isJson ? flushToJson(batch) : flushToText(batch), signal),
    points: (batch, signal) => {
      if (batch.series.length > 0) return print(isJson ? pointsToJson(batch) : pointsToText(batch), signal)
    },
    events: (events, signal) => {
      if (events.length > 0) return print(isJson ? eventsToJson(events) : eventsToText(events), signal)
    },
    async close() {},
  }
}

/** One for each stream, however many sinks print to it one after the other. */
function ignoreError(): void {}

/** Resolves when the stream has passed the piece on, so that a slow reader slows the printing, not the memory. */
function write(stream: Writable, piece: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const abort = (): void => finish(signal.reason)
    const close = (): void => finish(new Error('it is closed'))
    const finish = (error?: Error | null): void => {
      signal.removeEventListener('abort', abort)
      stream.off('error', finish)
      stream.off('close', close)
      if (error) reject(error)
      else resolve()
    }
    signal.addEventListener('abort', abort)
    // A stream that is destroyed while it writes forgets the callback of that write.
    stream.on('error', finish)
    stream.on('close', close)
    stream.write(piece, finish)
  })
}
