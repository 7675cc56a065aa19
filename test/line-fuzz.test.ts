import { describe, expect, test } from 'vitest'
import type { LineFormat } from '../src/formats/format.ts'
import {
  createStatsdFormat,
  DEFAULT_STATSD_LIMITS,
  graphitePlaintextFormat,
  STATSD_PROFILES,
} from '../src/formats/index.ts'
import type { MetricEvent } from '../src/model/event.ts'
import type { Point } from '../src/model/point.ts'
import { REJECTION_REASONS } from '../src/model/rejection.ts'
import type { Sample } from '../src/model/sample.ts'
import { formatSeriesKey, parseSeriesKey } from '../src/model/series-key.ts'
import { cutLines } from './harness/fuzz/cut-lines.ts'
import { createLineFuzzer } from './harness/fuzz-lines.ts'

// Tens of thousands of lines that are nearly right, and what has to be true of whatever a decoder makes of them.

const LINES = 20_000
/** The dearer of two ways to look. */
const LINES_IN_OTHER_PLACES = 8_000
const NOW_MS = 1_700_100_000_000
const LATEST_MS = NOW_MS + 86_400_000
const seed = Number(process.env['KYMO_TEST_SEED'] ?? Date.now() % 1_000_000)

interface Outcome {
  readonly reason: string | undefined
  readonly samples: readonly Sample[]
  readonly points: readonly Point[]
  readonly events: readonly MetricEvent[]
}

function decode(format: LineFormat, bytes: Uint8Array, start = 0, end = bytes.length): Outcome {
  const [samples, points, events]: [Sample[], Point[], MetricEvent[]] = [[], [], []]
  const reason = format.decodeLine(bytes, start, end, NOW_MS, {
    packet: () => undefined,
    sample: (sample) => samples.push({ ...sample }),
    point: (point) => points.push({ ...point }),
    event: (event) => events.push(event),
  })
  return { reason, samples, points, events }
}

/** What has to be true of names and tags, whatever they were made of; the limits are those of StatsD. */
function faultOfKey(key: string, isLimited: boolean): string | undefined {
  const { name, tags } = parseSeriesKey(key)
  if (formatSeriesKey(name, tags) !== key) return 'the tags are not sorted, or one is there twice'
  if (!key.isWellFormed()) return 'half a character'
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\s\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(key))
    return 'a character that nobody sees'
  if (name.split('.').includes('')) return 'an empty node'
  if (tags.some(([tagKey, value]) => tagKey === '' || value === '')) return 'an empty tag'
  if (!isLimited) return undefined
  if (Buffer.byteLength(name) > DEFAULT_STATSD_LIMITS.nameBytes) return 'a name that is too long'
  if (name.split('.').length > DEFAULT_STATSD_LIMITS.nameNodes) return 'too many nodes'
  if (tags.length > DEFAULT_STATSD_LIMITS.tags) return 'too many tags'
  const isTagTooLong = tags.some(
    ([tagKey, value]) => Buffer.byteLength(tagKey + value) > DEFAULT_STATSD_LIMITS.tagBytes,
  )
  return isTagTooLong ? 'a tag that is too long' : undefined
}

function faultOfSample({ key, type, value, weight, isDelta, member }: Sample): string | undefined {
  if (!Number.isFinite(value)) return 'a value that is not finite'
  if (!(weight >= 1 && Number.isFinite(weight))) return `the weight ${weight}`
  if ((type === 'gauge' || type === 'set') && weight !== 1) return 'a weight where none may be'
  if (isDelta && type !== 'gauge') return 'a change to what is no gauge'
  if (type === 'set' ? value !== 0 || member === '' : member !== '') return 'a member in the wrong place'
  return faultOfKey(key, true)
}

function faultOfPoint({ key, type, timeMs, value }: Point, isLimited: boolean): string | undefined {
  if (!Number.isFinite(value)) return 'a value that is not finite'
  if (!(timeMs > 0 && timeMs <= LATEST_MS)) return `the time ${timeMs}`
  if (isLimited !== (type !== undefined)) return 'a point of the wrong kind'
  return faultOfKey(key, isLimited)
}

function faultOfEvent({ timeMs, title, tags }: MetricEvent): string | undefined {
  if (title === '') return 'no title'
  if (!(timeMs > 0 && timeMs <= LATEST_MS)) return `the time ${timeMs}`
  if (tags.length > DEFAULT_STATSD_LIMITS.tags) return 'too many tags'
  return undefined
}

function faultOf({ reason, samples, points, events }: Outcome, isStatsd: boolean): string | undefined {
  const count = samples.length + points.length + events.length
  if (reason !== undefined) {
    if (!REJECTION_REASONS.some((known) => known === reason)) return `the reason ${reason}`
    return count === 0 ? undefined : 'a rejected line that was put out'
  }
  if (count === 0) return 'an accepted line that put nothing out'
  return (
    samples.map(faultOfSample).find((fault) => fault !== undefined) ??
    points.map((point) => faultOfPoint(point, isStatsd)).find((fault) => fault !== undefined) ??
    events.map(faultOfEvent).find((fault) => fault !== undefined)
  )
}

const decoders: [string, () => LineFormat][] = [
  ...STATSD_PROFILES.map((profile): [string, () => LineFormat] => [
    `StatsD, profile ${profile}`,
    () => createStatsdFormat({ profile }),
  ]),
  ['Graphite plaintext', () => graphitePlaintextFormat],
]

describe.each(decoders)(`%s, seed ${seed}`, (name, create) => {
  const isStatsd = name !== 'Graphite plaintext'
  const grammar = isStatsd ? 'statsd' : 'graphite'

  test('whatever is accepted is sound, and whatever is rejected leaves nothing behind', () => {
    const fuzzer = createLineFuzzer(seed, { grammar })
    const format = create()
    let accepted = 0
    for (let n = 0; n < LINES; n++) {
      const line = fuzzer.line()
      const outcome = decode(format, line)
      const fault = faultOf(outcome, isStatsd)
      expect(fault, fault && quote(line)).toBeUndefined()
      if (outcome.reason === undefined) accepted++
    }
    // Neither does the fuzzer make nothing but rubbish, nor nothing but what everybody sends.
    expect(accepted / LINES).toBeGreaterThan(0.3)
    expect(accepted / LINES).toBeLessThan(0.8)
  })

  test('a line means the same wherever it stands and whatever came before it', () => {
    const fuzzer = createLineFuzzer(~seed, { grammar })
    const format = create()
    for (let n = 0; n < LINES_IN_OTHER_PLACES; n++) {
      const line = fuzzer.line()
      const outcome = decode(format, line)
      if (n % 8 !== 0) continue
      const around = Buffer.concat([BEFORE, line, BEHIND])
      const alone = decode(create(), around, BEFORE.length, BEFORE.length + line.length)
      expect(alone, quote(line)).toEqual(outcome)
      expect(around.subarray(BEFORE.length, -BEHIND.length).equals(line)).toBe(true)
    }
  })
})

/** What a decoder that looks past either end would take for a part of the line. */
const BEFORE = Buffer.from('x:1|c\n1')
const BEHIND = Buffer.from('9:5|g|@0.5|#x:9,y\n')

function quote(line: Uint8Array): string {
  return JSON.stringify(Buffer.from(line).toString('latin1'))
}

describe('the fuzzer', () => {
  test('comes to every reason that a decoder has', () => {
    const fuzzer = createLineFuzzer(1)
    const format = createStatsdFormat()
    const reasons = new Set<string | undefined>()
    for (let n = 0; n < LINES; n++) reasons.add(decode(format, fuzzer.line()).reason)
    const notOfDecoders = new Set(['too_long', 'cut_off', 'unsupported', 'bad_pickle'])
    expect(REJECTION_REASONS.filter((reason) => !reasons.has(reason) && !notOfDecoders.has(reason))).toEqual(
      [],
    )
  })

  test('makes the same with the same seed, and something else with another', () => {
    const packets = (seed: number): Buffer => {
      const fuzzer = createLineFuzzer(seed)
      return Buffer.concat(Array.from({ length: 300 }, () => fuzzer.packet()))
    }
    expect(packets(7).equals(packets(7))).toBe(true)
    expect(packets(7).equals(packets(8))).toBe(false)
  })

  test('keeps what it promises of lines and packets', () => {
    const fuzzer = createLineFuzzer(seed)
    for (let n = 0; n < 5_000; n++) {
      const line = fuzzer.line()
      expect(line.length > 0 && line.length <= 65_535 && !line.includes(0x0a) && line.at(-1) !== 0x0d).toBe(
        true,
      )
      expect(fuzzer.packet(700).length).toBeLessThanOrEqual(700)
    }
  })
})

test.each([
  ['', []],
  ['\n', []],
  ['\r\n\r\n', []],
  ['a', ['a']],
  ['a\n', ['a']],
  ['a\r\nb', ['a', 'b']],
  ['\n\na\n\n', ['a']],
  ['\r\r\n', ['\r']],
  ['a\n\r', ['a']],
  ['a\rb\r', ['a\rb']],
  ['\0\n \n', ['\0', ' ']],
])('the fuzz cuts %j as servers do', (text, lines) => {
  expect(cutLines(Buffer.from(text)).map((line) => Buffer.from(line).toString())).toEqual(lines)
})
