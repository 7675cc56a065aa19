import { PassThrough } from 'node:stream'
import { FakeClock } from '../../lib/fake-clock.ts'
import { silentLog } from '../../telemetry/log.ts'
import type { DeadLetters, LetterCode, SinkContext } from '../sink.ts'

/** What a sink under test is given, where it does not matter. */
export function testContext(own: Partial<SinkContext> = {}): SinkContext {
  return {
    log: silentLog,
    clock: new FakeClock(),
    deadLetters: new KeptLetters(),
    meter: { lostPackets() {}, restarted() {}, says() {} },
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    ...own,
  }
}

/** Keeps what was given up. */
export class KeptLetters implements DeadLetters {
  readonly letters: { readonly reason: string; readonly item: unknown }[] = []
  /** Of each letter. */
  readonly codes: LetterCode[] = []

  add(reason: string, items: readonly unknown[], code: LetterCode = 'sink-refused'): void {
    for (const item of items) {
      this.letters.push({ reason, item })
      this.codes.push(code)
    }
  }
}
