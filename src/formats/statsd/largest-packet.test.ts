import { expect, test } from 'vitest'
import { createStatsdFormat } from './statsd-format.ts'

const PACKET_BYTES = 65_507
/** Each takes 2 ms at most on a quiet machine; what grew with the square of its length would take seconds. */
const MOST_MS = 250
const LINE_FEED = 0x0a

const format = createStatsdFormat()
const out = {
  packet: () => undefined,
  sample: () => undefined,
  point: () => undefined,
  event: () => undefined,
}

/** `head`, `part` as often as it fits, `tail`. */
function fill(head: string, part: string, tail: string): Buffer {
  const roomBytes = PACKET_BYTES - Buffer.byteLength(head + tail)
  return Buffer.from(head + part.repeat(Math.floor(roomBytes / Buffer.byteLength(part))) + tail)
}

test.each<[what: string, packet: Buffer]>([
  ['nothing that means anything', fill('', 'x', '')],
  ['lines of one byte', fill('', 'x\n', '')],
  ['packed values', fill('a', ':1', '|c')],
  ['chained values', fill('a', ':1|c', '')],
  ['the beginnings of values', fill('a', ':', '|c')],
  ['empty fields', fill('a:1|c', '|', '')],
  ['empty tags', fill('a:1|c|#', ',', '')],
  ['tags', fill('a:1|c|#', 'k:v,', '')],
  ['tags in the name', fill('a', ';k=v', ':1|c')],
  ['tags between commas', fill('a', ',k=v', ':1|c')],
  ['the beginnings of tags', fill('a', '#', ':1|c')],
  ['brackets that open', fill('', '[', ':1|c')],
  ['brackets that close', fill('', ']', ':1|c')],
  ['brackets', fill('', '[k=v]', ':1|c')],
  ['nodes', fill('a', '.a', ':1|c')],
  ['empty nodes', fill('a', '.', ':1|c')],
  ['blanks in the name', fill('a', ' ', 'b:1|c')],
  ['blanks behind the line', fill('a:1|c', ' ', '')],
  ['a name that is not ASCII', fill('', 'é', ':1|c')],
  ['digits', fill('a:', '1', '|c')],
  ['digits of a rate', fill('a:1|c|@0.', '1', '')],
  ['line feeds in an event', fill('_e{60000,0}:', String.raw`\n`, '|')],
])('a packet full of %s is dealt with in no time', (_what, packet) => {
  // The fastest of a few runs: what else the machine does is no matter.
  const times = Array.from({ length: 5 }, () => {
    const startMs = performance.now()
    decodeAll(packet)
    return performance.now() - startMs
  })
  expect(Math.min(...times)).toBeLessThan(MOST_MS)
})

function decodeAll(packet: Buffer): void {
  for (let start = 0; start < packet.length; ) {
    const found = packet.indexOf(LINE_FEED, start)
    const end = found < 0 ? packet.length : found
    format.decodeLine(packet, start, end, 1_700_000_000_000, out)
    start = end + 1
  }
}
