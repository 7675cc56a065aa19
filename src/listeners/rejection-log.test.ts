import { expect, test } from 'vitest'
import type { RejectionReason } from '../model/rejection.ts'
import { formatAddress, RejectionLog } from './rejection-log.ts'
import { createIntakeFixture } from './testdata/intake-fixture.ts'

function createRejectionLog() {
  const fixture = createIntakeFixture()
  const log = new RejectionLog(fixture.options)
  return {
    ...fixture,
    log,
    reject: (text: string | Uint8Array, reason: RejectionReason = 'no_value', address = '127.0.0.1') => {
      const line = Buffer.from(text as string)
      const bytes = Buffer.concat([Buffer.from('before'), line, Buffer.from('behind')])
      log.record({ reason, bytes, start: 6, end: 6 + line.length, sender: { address, port: 4_711 } })
    },
  }
}

test('the first rejected line is logged at once, with its reason and its sender', () => {
  const { reject, warnings } = createRejectionLog()
  reject('rubbish', 'no_value', '::1')
  expect(warnings()).toMatchObject([
    {
      listener: 'test-in',
      reason: 'no_value',
      line: 'rubbish',
      sender: '[::1]:4711',
      msg: 'A line was rejected.',
    },
  ])
})

test('what follows within ten seconds is summed up in one line at their end', () => {
  const { reject, warnings, clock } = createRejectionLog()
  reject('first')
  clock.advance(1_000)
  reject('second')
  reject('third', 'bad_number')
  reject('fourth', 'bad_number')
  expect(warnings()).toHaveLength(1)
  clock.advance(9_000)
  expect(warnings()).toHaveLength(2)
  expect(warnings()[1]).toMatchObject({ reasons: { no_value: 1, bad_number: 2 }, line: 'second' })
})

test('a flood is one line of log each ten seconds, and none when it is over', () => {
  const { reject, warnings, clock } = createRejectionLog()
  for (let step = 0; step < 3_000; step++) {
    reject('rubbish')
    clock.advance(10)
  }
  expect(warnings()).toHaveLength(4)
  clock.advance(60_000)
  expect(warnings()).toHaveLength(4)
  reject('again')
  expect(warnings()).toHaveLength(5)
})

test('closing says what has not been said yet, and leaves no timer', () => {
  const { reject, warnings, clock, log } = createRejectionLog()
  reject('first')
  reject('second')
  log.close()
  expect(warnings()).toHaveLength(2)
  log.close()
  clock.advance(60_000)
  expect(warnings()).toHaveLength(2)
})

test('the page is told at most twice a second', () => {
  const { reject, rejections, clock } = createRejectionLog()
  for (let step = 0; step < 200; step++) {
    reject(`line ${step}`)
    clock.advance(10)
  }
  expect(rejections.map((sample) => sample.line)).toEqual(['line 0', 'line 50', 'line 100', 'line 150'])
  expect(rejections[1]).toEqual({
    listener: 'test-in',
    reason: 'no_value',
    line: 'line 50',
    sender: '127.0.0.1:4711',
    atMs: 1_700_000_000_500,
  })
})

test.each([
  ['plain text', 'plain text'],
  ['\u0000\u001b[31mred\u0007', '\\u0000\\u001b[31mred\\u0007'],
  ['a\rb\u202ec\u2028', 'a\\u000db\\u202ec\\u2028'],
  ['käse 🙂', 'käse 🙂'],
  ['x'.repeat(119), 'x'.repeat(119)],
  ['x'.repeat(500), `${'x'.repeat(119)}…`],
  ['🙂'.repeat(500), `${'🙂'.repeat(59)}…`],
  ['\u0001'.repeat(500), `${'\\u0001'.repeat(19)}…`],
])('%j is quoted safely and briefly', (text, quoted) => {
  const { reject, rejections } = createRejectionLog()
  reject(text)
  expect(rejections[0]?.line).toBe(quoted)
})

test('bytes that are no UTF-8 are quoted as such', () => {
  const { reject, rejections } = createRejectionLog()
  reject(Uint8Array.of(0x61, 0xff, 0xfe))
  expect(rejections[0]?.line).toBe('a\ufffd\ufffd')
})

test('addresses are written as in URLs', () => {
  expect(formatAddress('127.0.0.1', 80)).toBe('127.0.0.1:80')
  expect(formatAddress('fe80::1%eth0', 80)).toBe('[fe80::1%eth0]:80')
  expect(formatAddress('unix:///run/kymo.sock')).toBe('unix:///run/kymo.sock')
})
