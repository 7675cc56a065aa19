import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LengthFramer } from './length-framer.ts'
import { LineIntake } from './line-intake.ts'
import { createIntakeFixture, expectBalance } from './testdata/intake-fixture.ts'

const SENDER = { address: 'unix:///test.sock' }
const MAX_FRAME_BYTES = 64

function createFramer(maxFrameBytes = MAX_FRAME_BYTES) {
  const fixture = createIntakeFixture()
  const intake = new LineIntake(fixture.options)
  const framer = new LengthFramer(intake, SENDER, {
    maxFrameBytes,
    byteOrder: 'little',
    take: (bytes, start, end) => intake.takePacket(bytes, start, end, SENDER),
  })
  return {
    ...fixture,
    framer,
    push: (bytes: Uint8Array) => framer.push(bytes),
    seen: () => fixture.samples.map(({ key, value, member }) => `${key}=${member === '' ? value : member}`),
  }
}

function frame(payload: string | Uint8Array): Buffer {
  const bytes = Buffer.from(payload as string)
  const header = Buffer.alloc(4)
  header.writeUInt32LE(bytes.length)
  return Buffer.concat([header, bytes])
}

const STREAM = Buffer.concat([
  frame('a:1|c\nb:é|s\r\n\r\n\nrubbish\nc:2|g'),
  frame(''),
  frame('d:3|ms\n'),
  frame('e:4|c'),
])
const WANTED = ['a=1', 'b=é', 'c=2', 'd=3', 'e=4']

test('a stream cut at any byte says the same', () => {
  for (let cut = 0; cut <= STREAM.length; cut++) {
    const { framer, push, seen, rejected, ...fixture } = createFramer()
    push(STREAM.subarray(0, cut))
    push(STREAM.subarray(cut))
    framer.end()
    expect(seen(), `cut at ${cut}`).toEqual(WANTED)
    expect(rejected()).toEqual({ no_value: 1 })
    expectBalance({ ...fixture, rejected })
  }
})

test('a stream that comes byte by byte says the same', () => {
  const { framer, push, seen } = createFramer()
  for (const byte of STREAM) push(Uint8Array.of(byte))
  framer.end()
  expect(seen()).toEqual(WANTED)
})

test('a frame is taken when it is whole, not before', () => {
  const { push, seen } = createFramer()
  const bytes = frame('a:1|c\nb:2|c')
  push(bytes.subarray(0, -1))
  expect(seen()).toEqual([])
  push(bytes.subarray(-1))
  expect(seen()).toEqual(['a=1', 'b=2'])
})

test('a longest frame is taken; its lines never mix with the next', () => {
  const longest = `${'a'.repeat(MAX_FRAME_BYTES - 4)}:1|c`
  const { push, seen } = createFramer()
  push(Buffer.concat([frame(longest), frame('b:2|c')]))
  expect(seen()).toEqual([`${'a'.repeat(MAX_FRAME_BYTES - 4)}=1`, 'b=2'])
})

const CUT_OFF: readonly [name: string, end: 'end' | 'abort', rest: number][] = [
  ['when the sender closes inside a length', 'end', 2],
  ['when the sender closes behind a length', 'end', 4],
  ['when the sender closes inside a payload', 'end', 8],
  ['when the stream breaks inside a payload', 'abort', 8],
]
test.each(CUT_OFF)('half a frame is one line cut off %s', (_, end, rest) => {
  const { framer, push, seen, rejected, lines } = createFramer()
  push(Buffer.concat([frame('a:1|c'), frame('b:2|c\nc:3|c').subarray(0, rest)]))
  framer[end]()
  framer.abort()
  expect(seen()).toEqual(['a=1'])
  expect(rejected()).toEqual({ cut_off: 1 })
  expect(lines()).toBe(2)
})

test.each([1, 3, 4, 7])(
  'a frame that is too long breaks the stream once, read %i bytes at a time',
  (step) => {
    const { framer, push, seen, rejected, lines } = createFramer()
    const stream = Buffer.concat([frame('a:1|c'), frame('x'.repeat(MAX_FRAME_BYTES + 1)), frame('b:2|c')])
    for (let start = 0; start < stream.length; start += step) push(stream.subarray(start, start + step))
    framer.end()
    expect(framer.brokenFrameBytes).toBe(MAX_FRAME_BYTES + 1)
    expect(seen()).toEqual(['a=1'])
    expect(rejected()).toEqual({ too_long: 1 })
    expect(lines()).toBe(2)
  },
)

test('plain lines are seen to be no frames, and are quoted', () => {
  const { framer, push, rejections } = createFramer()
  push(Buffer.from('page.views:1|c\n'))
  expect(framer.brokenFrameBytes).toBe(Buffer.from('page').readUInt32LE())
  expect(rejections).toMatchObject([{ reason: 'too_long', line: 'page.views:1|c\\u000a' }])
})

test('an announced length takes no memory', () => {
  const before = process.memoryUsage().arrayBuffers
  const framers = Array.from({ length: 50 }, () => createFramer(100_000_000))
  const header = Buffer.alloc(4)
  header.writeUInt32LE(100_000_000)
  for (const { push } of framers) push(Buffer.concat([header, Buffer.from('a:1|c\n')]))
  expect(framers.every(({ framer }) => framer.brokenFrameBytes === undefined)).toBe(true)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000)
})

test('however a stream of any bytes is cut, it says what it says in one piece', () => {
  const part = fc.oneof(
    fc
      .constantFrom('a:1|c', 'b:x|s\nc:2|g', '', 'rubbish', 'x'.repeat(MAX_FRAME_BYTES))
      .map((text) => frame(text)),
    fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
  )
  const stream = fc.array(part, { maxLength: 12 }).map((parts) => Buffer.concat(parts))
  fc.assert(
    fc.property(stream, fc.array(fc.nat(400), { maxLength: 8 }), (bytes, cuts) => {
      const whole = createFramer()
      whole.push(bytes)
      whole.framer.end()
      const pieces = createFramer()
      let start = 0
      const sorted = cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b)
      for (const cut of [...sorted, bytes.length]) {
        pieces.push(bytes.subarray(start, cut))
        start = cut
      }
      pieces.framer.end()
      expect(pieces.seen()).toEqual(whole.seen())
      expect(pieces.rejected()).toEqual(whole.rejected())
      expect(pieces.framer.brokenFrameBytes).toBe(whole.framer.brokenFrameBytes)
      expectBalance(pieces)
    }),
    { numRuns: 300 },
  )
})
