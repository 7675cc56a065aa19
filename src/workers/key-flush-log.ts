import { appendFile } from 'node:fs/promises'
import { KeyFlush } from '../aggregator/index.ts'
import type { KeyFlushConfig } from '../aggregator/options.ts'
import type { Clock } from '../lib/clock.ts'
import { DescriptorStream } from '../lib/descriptor-stream.ts'
import { reasonOf } from '../telemetry/errors.ts'
import type { Log } from '../telemetry/log.ts'

/** The keys that are sent most, written to a file or to stdout. undefined: nobody wants to know. */
export function openKeyFlush(
  config: KeyFlushConfig | undefined,
  clock: Clock,
  log: Log,
): KeyFlush | undefined {
  if (config === undefined) return undefined
  const { intervalMs, percent, logPath } = config
  const stdout = new DescriptorStream(1, clock)
  stdout.on('error', (error) => log.warn({ reason: reasonOf(error) }, 'the most used keys cannot be printed'))
  async function write(text: string): Promise<void> {
    if (logPath === undefined) stdout.write(text)
    else await appendFile(logPath, text)
  }
  return new KeyFlush({
    intervalMs,
    nowMs: clock.nowMs(),
    percent,
    write: (text) =>
      void write(text).catch((error: unknown) =>
        log.error({ logPath, reason: reasonOf(error) }, 'the most used keys cannot be written'),
      ),
  })
}
