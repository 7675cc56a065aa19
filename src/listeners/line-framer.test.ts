import fc from 'fast-check'
import { expect, test } from 'vitest'
import { statsdFormat } from '../formats/index.ts'
import { LineFramer } from './line-framer.ts'
import { LineIntake } from './line-intake.ts'
import { createIntakeFixture, expectBalance } from './testdata/intake-fixture.ts'

const SENDER = { address: '127.0.0.1', port: 1 }
const MAX_LINE_BYTES = 16

function createFramer() {
  const fixture = createIntakeFixture({ format: { ...statsdFormat, maxLineBytes: MAX_LINE_BYTES } })
  const framer = new LineFramer(new LineIntake(fixture.options), SENDER, MAX_LINE_BYTES)
  return {
    ...fixture,
    push: (text: string | Uint8Array) => framer.push(Buffer.from(text as string)),
    end: () => framer.end(),
    abort: () => framer.abort(),
    seen: () => fixture.samples.map(({ key, value, member }) => `${key}=${member === '' ? value : member}`),
  }
}

test('a stream cut at any byte says the same', () => {
  const stream = Buffer.from('a:1|c\nb:é|s\r\n\r\n\nrubbish\nthis:is|too|long|by|far\nc:2|g\nd:3|ms')
  const wanted = ['a=1', 'b=é', 'c=2', 'd=3']
  for (let cut = 0; cut <= stream.length; cut++) {
    const { push, end, seen, rejected, ...fixture } = createFramer()
    push(stream.subarray(0, cut))
    push(stream.subarray(cut))
    end()
    expect(seen()).toEqual(wanted)
    expect(rejected()).toEqual({ no_value: 1, too_long: 1 })
    expectBalance({ ...fixture, rejected })
  }
})

test('a stream that comes byte by byte says the same', () => {
  const { push, end, seen } = createFramer()
  for (const byte of Buffer.from('a:1|c\r\nb:2|c\n\nc:3|c')) push(Uint8Array.of(byte))
  end()
  expect(seen()).toEqual(['a=1', 'b=2', 'c=3'])
})

test('what the sender leaves without LF is a line when it closes in good order', () => {
  const { push, end, abort, seen, lines } = createFramer()
  push('a:1|c\nb:2|c')
  expect(seen()).toEqual(['a=1'])
  end()
  expect(seen()).toEqual(['a=1', 'b=2'])
  abort()
  expect(lines()).toBe(2)
})

test('what the sender leaves without LF is counted as cut off, and not decoded, when the stream breaks', () => {
  const { push, abort, seen, rejected, lines } = createFramer()
  push('a:1|c\nb:2|c')
  abort()
  abort()
  expect(seen()).toEqual(['a=1'])
  expect(rejected()).toEqual({ cut_off: 1 })
  expect(lines()).toBe(2)
})

test('a line that is too long is rejected once, as soon as it is, and passed over up to its LF', () => {
  const { push, seen, rejected } = createFramer()
  push('x'.repeat(MAX_LINE_BYTES + 1))
  expect(rejected()).toEqual({})
  push('x')
  expect(rejected()).toEqual({ too_long: 1 })
  for (let step = 0; step < 100; step++) push('x'.repeat(1_000))
  push('a:1|c\nb:2|c\n')
  expect(seen()).toEqual(['b=2'])
  expect(rejected()).toEqual({ too_long: 1 })
})

test('a line that is too long and never ends is counted once, however the stream ends', () => {
  const { push, end, abort, rejected, lines } = createFramer()
  push('x'.repeat(100))
  end()
  abort()
  expect(rejected()).toEqual({ too_long: 1 })
  expect(lines()).toBe(1)
})

test('a CR counts for nothing in the longest line, and for one byte elsewhere', () => {
  const longest = `${'a'.repeat(MAX_LINE_BYTES - 4)}:1|c`
  const { push, seen, rejected } = createFramer()
  push(`${longest}\r`)
  push('\n')
  push(`${longest}x`)
  push('\n')
  expect(seen()).toEqual([`${'a'.repeat(MAX_LINE_BYTES - 4)}=1`])
  expect(rejected()).toEqual({ too_long: 1 })
})

test('however a stream is cut, it says what it says in one piece', () => {
  const word = fc.constantFrom(
    'a:1|c',
    'b:x|s',
    '\n',
    '\n',
    '\r\n',
    'x',
    'rubbish',
    'longer than the limit',
    'é',
  )
  const stream = fc.array(word, { maxLength: 25 }).map((parts) => Buffer.from(parts.join('')))
  fc.assert(
    fc.property(stream, fc.array(fc.nat(150), { maxLength: 8 }), (bytes, cuts) => {
      const whole = createFramer()
      whole.push(bytes)
      whole.end()
      const pieces = createFramer()
      let start = 0
      for (const cut of [
        ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b),
        bytes.length,
      ]) {
        pieces.push(bytes.subarray(start, cut))
        start = cut
      }
      pieces.end()
      expect(pieces.seen()).toEqual(whole.seen())
      expect(pieces.rejected()).toEqual(whole.rejected())
      expect(pieces.lines()).toBe(whole.lines())
      expectBalance(pieces)
    }),
    { numRuns: 300 },
  )
})
