import type { LineFormat } from '../format.ts'
import { LineDecoder, MAX_LINE_BYTES } from './decode-line.ts'

const decoder = new LineDecoder()

/** Graphite's plaintext, as carbon takes it on port 2003. docs/formats/graphite-plaintext.md says what each line means. */
export const graphitePlaintextFormat: LineFormat = {
  name: 'graphite-plaintext',
  maxLineBytes: MAX_LINE_BYTES,
  decodeLine: (bytes, start, end, receivedAtMs, out) => decoder.decode(bytes, start, end, receivedAtMs, out),
}
