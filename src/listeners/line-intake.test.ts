import fc from 'fast-check'
import { expect, test } from 'vitest'
import { graphitePlaintextFormat, statsdFormat } from '../formats/index.ts'
import { LineIntake } from './line-intake.ts'
import { createIntakeFixture, expectBalance, type IntakeFixture } from './testdata/intake-fixture.ts'

const SENDER = { address: '127.0.0.1', port: 1 }

function take(fixture: IntakeFixture, text: string | Uint8Array): void {
  const bytes = Buffer.from(text as string)
  const intake = new LineIntake(fixture.options)
  intake.beginPacket(bytes.length)
  intake.takeBlock(bytes, 0, bytes.length, SENDER)
  intake.close()
}

test.each([
  ['', 0, 0],
  ['\n', 0, 0],
  ['\n\n\n', 0, 0],
  ['\r\n\r\n\r', 0, 0],
  ['a:1|c', 1, 1],
  ['a:1|c\n', 1, 1],
  ['a:1|c\r\n', 1, 1],
  ['a:1|c\nb:2|g', 2, 2],
  ['\n\na:1|c\n\nb:2|g\n\n', 2, 2],
  ['a:1|c\nrubbish\nb:2|g', 3, 2],
  ['rubbish', 1, 0],
  ['a:1|c\r\r\n', 1, 0],
  ['a:1:2:3|ms', 1, 1],
  ['_e{1,1}:a|b\n_e{1,1}:ab\na:1|c', 3, 2],
])('%j has %i lines, %i of them good', (text, lines, accepted) => {
  const fixture = createIntakeFixture()
  take(fixture, text)
  expect(fixture.packets()).toBe(1)
  expect(fixture.bytes()).toBe(text.length)
  expect(fixture.lines()).toBe(lines)
  expect(fixture.accepted()).toBe(accepted)
  expectBalance(fixture)
})

test('only the block is read, not what stands around it', () => {
  const fixture = createIntakeFixture()
  const bytes = Buffer.from('x:9|c\na:1|c\nb:2|c3\nx:9|c')
  const intake = new LineIntake(fixture.options)
  intake.takeBlock(bytes, 6, 17, SENDER)
  expect(fixture.samples.map(({ key, value }) => [key, value])).toEqual([
    ['a', 1],
    ['b', 2],
  ]) // prettier-ignore
})

test('the clock is read once per packet, and what comes in is told so before its lines', () => {
  const fixture = createIntakeFixture({ format: graphitePlaintextFormat })
  take(fixture, 'a 1 -1\nb 2 -1')
  fixture.clock.advance(1_000)
  take(fixture, 'c 3 -1')
  expect(fixture.packetTimesMs).toEqual([1_700_000_000_000, 1_700_000_001_000])
  expect(fixture.points.map((point) => point.timeMs)).toEqual([
    1_700_000_000_000, 1_700_000_000_000, 1_700_000_001_000,
  ])
})

test('a line may be as long as the format allows, not counting its CR', () => {
  const fixture = createIntakeFixture({ format: { ...statsdFormat, maxLineBytes: 8 } })
  take(fixture, 'abcd:1|c\r\nabcde:1|c\r\nabcd:2|c\nabcde:2|c')
  expect(fixture.samples.map((sample) => sample.value)).toEqual([1, 2])
  expect(fixture.rejected()).toEqual({ too_long: 2 })
  expectBalance(fixture)
})

test('thirty thousand lines of one byte are thirty thousand rejected lines and one line of log', () => {
  const fixture = createIntakeFixture()
  take(fixture, 'a\n'.repeat(30_000))
  expect(fixture.rejected()).toEqual({ no_value: 30_000 })
  expect(fixture.rejections).toHaveLength(1)
  expect(fixture.warnings().map((entry) => entry['reasons'] ?? entry['reason'])).toEqual([
    'no_value',
    { no_value: 29_999 },
  ])
  expectBalance(fixture)
})

test('whatever arrives, the count of lines is the count of accepted and rejected ones', () => {
  const words = [
    'a:1|c',
    'a',
    ':',
    '|',
    '1',
    '\n',
    '\r\n',
    '\r',
    '\n\n',
    'a 1 -1',
    '_e{',
    '_sc|',
    '|@',
    '\u0000',
    '🙂',
    'x'.repeat(50),
  ]
  const block = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
    fc.array(fc.constantFrom(...words), { maxLength: 30 }).map((parts) => Buffer.from(parts.join(''))),
  )
  const format = fc.constantFrom({ ...statsdFormat, maxLineBytes: 40 }, graphitePlaintextFormat)
  fc.assert(
    fc.property(block, format, (bytes, chosen) => {
      const fixture = createIntakeFixture({ format: chosen })
      take(fixture, bytes)
      expectBalance(fixture)
      const lines = bytes
        .toString('latin1')
        .split('\n')
        .filter((line) => line !== '' && line !== '\r') // prettier-ignore
      expect(fixture.lines()).toBe(lines.length)
    }),
    { numRuns: 300 },
  )
})
