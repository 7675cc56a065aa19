import { decodePickledPoints, MAX_MESSAGE_BYTES } from '../formats/graphite-pickle/decode-points.ts'
import { LengthFramer } from './length-framer.ts'
import type { LineIntake } from './line-intake.ts'
import type { Sender } from './rejection-log.ts'

/**
 * Cuts one stream into carbon's messages of pickled points, as carbon-relay and many libraries send them to port 2004:
 *
 *   00 00 00 1f  80 02 5d ...       [("a.b", (1700000000, 1.5)), ...]
 *   ^^^^^^^^^^^ 32 bits, big endian, the pickle alone
 *
 * Each point is counted and taken as the line of Graphite's plaintext that says the same. A message that is no such list
 * counts as one line that is refused.
 */
export function createPickleFramer(intake: LineIntake, sender: Sender): LengthFramer {
  const out = {
    lines(text: string): void {
      const lines = Buffer.from(text)
      intake.takePacket(lines, 0, lines.length, sender)
    },
    refused(entry: string): void {
      const bytes = Buffer.from(entry)
      intake.rejectLine('bad_pickle', bytes, 0, bytes.length, sender)
    },
  }
  return new LengthFramer(intake, sender, {
    maxFrameBytes: MAX_MESSAGE_BYTES,
    byteOrder: 'big',
    take(bytes, start, end) {
      const isTaken = decodePickledPoints(bytes, start, end, out)
      if (!isTaken) intake.rejectLine('bad_pickle', bytes, start, end, sender)
    },
  })
}
