import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { graphitePlaintextFormat } from '../formats/index.ts'
import { LineIntake } from './line-intake.ts'
import { createPickleFramer } from './pickle-framer.ts'
import { createIntakeFixture, expectBalance } from './testdata/intake-fixture.ts'

const SENDER = { address: '127.0.0.1', port: 5 }
const SECONDS = 1_700_000_000

function createFramer() {
  const clock = new FakeClock(SECONDS * 1_000 + 500)
  const fixture = createIntakeFixture({ format: graphitePlaintextFormat, clock })
  const intake = new LineIntake(fixture.options)
  intake.readClock()
  const seen = () => fixture.points.map(({ key, timeMs, value }) => `${key} ${value} ${timeMs}`)
  return { ...fixture, clock, seen, framer: createPickleFramer(intake, SENDER) }
}

function message(pickle: string): Buffer {
  const bytes = Buffer.from(pickle, 'latin1')
  const header = Buffer.alloc(4)
  header.writeUInt32BE(bytes.length)
  return Buffer.concat([header, bytes])
}

const point = (name: string, time: number | string, value: number | string): string =>
  `(S'${name}'\n(F${time}\nF${value}\ntta`
const list = (...entries: readonly string[]): string => `(l${entries.join('')}.`

const STREAM = Buffer.concat([
  message(list(point('a.b', SECONDS, 1.5), point('c;z=1;a=2', -1, 2), point('bad', SECONDS, 'nan'))),
  message("cos\nsystem\n(S'true'\ntR."),
  message(list('Na', point('old..name', '0', 3), point('old..name', SECONDS - 60, 4))),
  message(list()),
])
const WANTED = [`a.b 1.5 ${SECONDS}000`, `c;a=2;z=1 2 ${SECONDS}500`, `old.name 4 ${SECONDS - 60}000`]

test('a stream cut at any byte gives the same points, and each loss has its reason', () => {
  for (let cut = 0; cut <= STREAM.length; cut++) {
    const { framer, seen, rejected, lines, ...fixture } = createFramer()
    framer.push(STREAM.subarray(0, cut))
    framer.push(STREAM.subarray(cut))
    framer.end()
    expect(seen(), `cut at ${cut}`).toEqual(WANTED)
    expect(rejected()).toEqual({ bad_number: 1, bad_pickle: 2, bad_timestamp: 1 })
    expect(lines()).toBe(7)
    expectBalance({ ...fixture, lines, rejected })
  }
})

test('what is refused is quoted', () => {
  const { framer, rejections, clock } = createFramer()
  framer.push(message(list("(S'a'\n(I1\n(ltta")))
  clock.advance(1_000)
  framer.push(message("cos\nsystem\n(S'true'\ntR."))
  expect(rejections.map(({ reason, line }) => [reason, line])).toEqual([
    ['bad_pickle', '["a", [1, [...]]]'],
    ['bad_pickle', "cos\\u000asystem\\u000a(S'true'\\u000atR."],
  ])
})

test('a length of more than a mebibyte, such as a plain line, breaks the stream', () => {
  const { framer, rejected } = createFramer()
  framer.push(Buffer.from(`servers.web1.load 1 ${SECONDS}\n`))
  expect(framer.brokenFrameBytes).toBe(Buffer.from('serv').readUInt32BE())
  expect(rejected()).toEqual({ too_long: 1 })
})

test('a message of 100,000 points is taken whole', () => {
  const { framer, accepted } = createFramer()
  framer.push(message(`](X\x01\0\0\0aJ${'\0\xf1\x53\x65'}K\x02\x86\x86q\0${'h\0'.repeat(99_999)}e.`))
  expect(accepted()).toBe(100_000)
})
