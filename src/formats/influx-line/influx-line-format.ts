import type { LineFormat } from '../format.ts'
import { LineDecoder, type TimeUnit } from './decode-line.ts'

const MAX_LINE_BYTES = 65_535

/** Influx' line protocol. docs/formats/influx-line.md says what each line means. */
export function createInfluxLineFormat(unit: TimeUnit): LineFormat {
  const decoder = new LineDecoder(unit)
  return {
    name: 'influx-line',
    maxLineBytes: MAX_LINE_BYTES,
    decodeLine: (bytes, start, end, receivedAtMs, out) =>
      decoder.decode(bytes, start, end, receivedAtMs, out),
  }
}
