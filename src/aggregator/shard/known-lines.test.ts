import { describe, expect, test } from 'vitest'
import { counter } from '../testdata/samples.ts'
import { Shard } from './shard.ts'

const NOW_MS = 1_700_000_003_000

/** A shard that knows the line `a:1|c`, with one sample of it. */
function knowing(): Shard {
  const shard = new Shard({ intervalMs: 10_000, nowMs: NOW_MS })
  const line = Buffer.from('a:1|c\n')
  shard.lines.decoding()
  shard.add(counter('a'), NOW_MS)
  shard.lines.decoded(line, 0, line.length - 1)
  return shard
}

/** Memory that ends with the text: what is read behind it does not exist. */
function atEndOfMemory(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'))
}

describe('nothing is read behind the end of memory', () => {
  const known = 'a:1|c\n'
  const tails = ['1', '1.', '1.5', '-', '+1', '|c', ':', ':1', ':1.', ':-', ':+1', ':1|', ':1|c', '|', '']
  test.each(tails)('that ends with a piece of a line: %j', (tail) => {
    const shard = knowing()
    let taken = 0
    for (const first of ['', 'a\n', 'a:1\n', 'a:1|\n', `${known}x\n`, known]) {
      for (let fill = 0; fill < 40; fill++) {
        for (const filler of ['1', 'b', ':', '.']) {
          const bytes = atEndOfMemory(`${known}${first}b${tail}${filler.repeat(fill)}`)
          const stop = shard.lines.take(bytes, 0, bytes.length)
          expect(stop % known.length).toBe(0)
          taken += shard.lines.takenCount
        }
      }
    }
    expect(shard.seal(NOW_MS).counters.sums).toEqual(Float64Array.of(1 + taken))
    expect(taken).toBeGreaterThan(100)
  })
})
