import { resolve } from 'node:path'
import { KymoError, reasonOf } from '../../telemetry/errors.ts'
import { eventsToJson, flushToJson, pointsToJson } from '../console/format-json.ts'
import { joinLines } from '../delivery/join-lines.ts'
import type { FileOptions } from '../file.ts'
import type { Sink, SinkContext } from '../sink.ts'
import { RotatingFile } from './rotating-file.ts'

/** Appends each flush to a file, as the lines of JSON that stdout prints. A full disk is waited for. */
export function createFileSink(options: FileOptions, { clock, log }: SinkContext): Sink {
  const { name } = options
  const path = resolve(options.path)
  const file = new RotatingFile({
    path,
    rotateBytes: options.rotate_size,
    rotateMs: options.rotate_every,
    keptFiles: options.keep,
    isCompressed: options.compress,
    clock,
    onTrouble: (error) =>
      log.warn(
        { sink: name, path, reason: reasonOf(error) },
        'files that were put aside could not be compressed or deleted',
      ),
  })

  async function append(lines: Iterable<string>, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    try {
      await file.append(untilAborted(joinLines(lines), signal))
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw new KymoError('sink-file', { name, path, reason: reasonOf(error) }, { cause: error })
    }
  }

  return {
    name,
    flush: (batch, signal) => append(flushToJson(batch), signal),
    points: (batch, signal) => append(pointsToJson(batch), signal),
    events: (events, signal) => append(eventsToJson(events), signal),
    close: () => file.close(),
  }
}

function* untilAborted(pieces: Iterable<string>, signal: AbortSignal): Generator<string> {
  for (const piece of pieces) {
    signal.throwIfAborted()
    yield piece
  }
}
