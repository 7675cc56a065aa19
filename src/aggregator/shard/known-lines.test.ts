import { describe, expect, test } from 'vitest'
import { threadCpuMs } from '../../../test/harness/thread-cpu.ts'
import { collidingKeys } from '../testdata/colliding-keys.ts'
import { counter } from '../testdata/samples.ts'
import { watchOrder } from '../testdata/watch-order.ts'
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

test('lines whose names collide are counted exactly, interval by interval', () => {
  const shard = new Shard({ intervalMs: 10_000, nowMs: NOW_MS, idleIntervals: 2 })
  const keys = collidingKeys(500)
  for (let interval = 0; interval < 8; interval++) {
    // Every other one is idle in between, and forgotten.
    const used = keys.filter((_, index) => interval % 4 === 0 || index % 2 === 0)
    for (let times = 0; times < 3; times++) {
      for (const key of used) {
        const line = Buffer.from(`${key}:2|c\n${' '.repeat(8)}`)
        shard.lines.take(line, 0, line.length - 8)
        if (shard.lines.takenCount === 1) continue
        shard.lines.decoding()
        shard.add(counter(key, 2), NOW_MS)
        shard.lines.decoded(line, 0, line.length - 9)
      }
    }
    const { counters } = shard.seal(NOW_MS)
    expect(counters.sums).toEqual(new Float64Array(used.length).fill(6))
    expect(new Set(counters.ids).size).toBe(used.length)
    expect(shard.seriesCount).toBeLessThanOrEqual(keys.length)
  }
})

describe('lines in the order of the last time', () => {
  const NAMES = Array.from({ length: 40 }, (_, index) => `service.host${index}.requests`)

  /** Takes a line of each name, as a listener does it. */
  function send(shard: Shard, names: readonly string[]): void {
    const bytes = Buffer.from(`${names.map((name) => `${name}:1|c\n`).join('')}${' '.repeat(8)}`)
    const end = bytes.length - 8
    for (let at = shard.lines.take(bytes, 0, end); at < end; at = shard.lines.take(bytes, at, end)) {
      const feed = bytes.indexOf('\n', at)
      shard.lines.decoding()
      shard.add(counter(bytes.toString('latin1', at, bytes.indexOf(':', at))), NOW_MS)
      shard.lines.decoded(bytes, at, feed)
      at = feed + 1
    }
  }

  test('are expected, but for the first ones behind a break', () => {
    const shard = new Shard({ intervalMs: 10_000, nowMs: NOW_MS })
    const order = watchOrder()
    send(shard, NAMES)
    send(shard, NAMES)
    // The first comes behind the last for the first time, and the second is that of the last time.
    expect(order.expectedCount).toBe(NAMES.length - 2)
    send(shard, NAMES)
    expect(order.expectedCount).toBe(2 * NAMES.length - 2)
    send(shard, [...NAMES.slice(0, 10), ...NAMES.slice(11)])
    // One is missing: the next is searched for, and so is the one behind it.
    expect(order.expectedCount).toBe(3 * NAMES.length - 2 - 3)
    expect(shard.seal(NOW_MS).counters.sums.reduce((sum, value) => sum + value)).toBe(4 * NAMES.length - 1)
  })

  test('are counted exactly when names in between are forgotten, and the rest has moved', () => {
    const shard = new Shard({ intervalMs: 10_000, nowMs: NOW_MS, idleIntervals: 2 })
    const order = watchOrder()
    const kept = NAMES.filter((_, index) => index % 2 === 1)
    for (let interval = 0; interval < 20; interval++) {
      const names = interval % 5 === 0 ? NAMES : kept
      for (let times = 0; times < 3; times++) send(shard, names)
      const { sums } = shard.seal(NOW_MS).counters
      expect(sums).toEqual(new Float64Array(names.length).fill(3))
    }
    expect(shard.seriesCount).toBe(kept.length)
    expect(order.expectedCount).toBeGreaterThan(20 * kept.length)
  })
})

describe('lines that are not known cost no more for being many in a packet', () => {
  /** What it takes to be asked for each line, in ns per line: the least of some attempts. */
  function costPerLine(line: string, lineCount: number): number {
    const shard = knowing()
    const bytes = Buffer.from(line.repeat(lineCount) + ' '.repeat(16))
    const end = bytes.length - 16
    let leastMs = Number.POSITIVE_INFINITY
    for (let attempt = 0; attempt < 3; attempt++) {
      const startMs = threadCpuMs()
      for (let at = 0; at < end; at += line.length) shard.lines.take(bytes, at, end)
      leastMs = Math.min(leastMs, threadCpuMs() - startMs)
    }
    return (leastMs * 1e6) / lineCount
  }

  test.each(['x\n', ':\n', 'x:1\n', 'x:|\n', `${'x'.repeat(200)}\n`])('%j', (line) => {
    const few = costPerLine(line, 64)
    expect(costPerLine(line, Math.floor(65_000 / line.length))).toBeLessThan(Math.max(few * 10, 5_000))
  })
})
