// The short way for known lines against the decoder, which is the oracle: whatever is sent, both come to the same.
import { expect, test } from 'vitest'
import { Shard } from '../src/aggregator/index.ts'
import { watchOrder } from '../src/aggregator/testdata/watch-order.ts'
import type { DecodedOutput, LineFormat } from '../src/formats/format.ts'
import { createStatsdFormat } from '../src/formats/index.ts'
import { STATSD_PROFILES } from '../src/formats/statsd/profile.ts'
import { createIntakeFixture } from '../src/listeners/testdata/intake-fixture.ts'
import { LineIntake } from '../src/listeners/line-intake.ts'
import { namesOf, type PartialAggregate } from '../src/model/partial-aggregate.ts'
import { createLineFuzzer } from './harness/fuzz-lines.ts'
import { Random } from './harness/random.ts'

const NOW_MS = 1_700_000_003_000
const SENDER = { address: '127.0.0.1', port: 1 }
const SEED = Number(process.env['KYMO_FUZZ_SEED'] ?? 20_261_125)
const ROUNDS = Number(process.env['KYMO_FUZZ_ROUNDS'] ?? 60)

/** Lines in, what a shard has of them out. */
class Intake {
  readonly fixture
  readonly shard = new Shard({ intervalMs: 10_000, nowMs: NOW_MS, idleIntervals: 3 })
  readonly #lines: LineIntake
  readonly #names = new Map<number, string>()
  #receivedAtMs = 0
  pointCount = 0
  takenCount = 0
  excludedCount = 0

  constructor(format: LineFormat, isShort: boolean, isExcluded: (key: string) => boolean) {
    const { shard } = this
    shard.countSamples(true)
    const output: DecodedOutput = {
      packet: (nowMs) => {
        this.#receivedAtMs = nowMs
        shard.lines.receivedAt(nowMs)
      },
      sample: (sample) => {
        if (isExcluded(sample.key)) {
          shard.lines.noteExcluded(sample)
          this.excludedCount++
        } else shard.add(sample, this.#receivedAtMs)
      },
      point: () => {
        this.pointCount++
        shard.lines.noteOther()
      },
      event: () => shard.lines.noteOther(),
    }
    const shortcut = {
      take: (bytes: Uint8Array, start: number, end: number): number => {
        const stop = shard.lines.take(bytes, start, end)
        this.takenCount += shard.lines.takenCount
        return stop
      },
      get takenCount() {
        return shard.lines.takenCount
      },
      decoding: () => shard.lines.decoding(),
      decoded: (bytes: Uint8Array, start: number, end: number) => shard.lines.decoded(bytes, start, end),
    }
    this.fixture = createIntakeFixture({ format, output, ...(isShort ? { shortcut } : {}) })
    this.#lines = new LineIntake(this.fixture.options)
  }

  take(bytes: Uint8Array, start: number, end: number): void {
    this.#lines.beginPacket(end - start)
    this.#lines.takeBlock(bytes, start, end, SENDER)
  }

  /** The interval, by the names of its metrics. */
  seal(): Record<string, unknown> {
    const { keys, counts } = this.shard.takeKeyCounts()
    const partial = this.shard.seal(NOW_MS)
    for (const { id, type, key } of namesOf(partial.names)) this.#names.set(id, `${type} ${key}`)
    const rows = byName(partial, (id) => this.#names.get(id) ?? `BUG: ${id} has no name`)
    return { ...rows, sent: keys.map((key, index) => `${counts[index]} ${key}`).toSorted() }
  }

  counts(): unknown {
    const { accepted, lines, rejected } = this.fixture
    this.excludedCount += this.shard.takeExcludedCount()
    return {
      excluded: this.excludedCount,
      accepted: accepted(),
      lines: lines(),
      rejected: rejected(),
      points: this.pointCount,
    }
  }
}

function byName(partial: PartialAggregate, nameOf: (id: number) => string): Record<string, unknown> {
  const rows = new Map<string, unknown[]>()
  const add = (id: number, ...values: unknown[]): void => {
    const name = nameOf(id)
    rows.set(name, [...(rows.get(name) ?? []), values])
  }
  const { counters, gauges, timers, sets } = partial
  for (const [row, id] of counters.ids.entries()) add(id, counters.sums[row])
  for (const [row, id] of gauges.ids.entries())
    add(id, gauges.absolutes[row], gauges.absoluteTimesMs[row], gauges.deltas[row])
  for (const [row, id] of timers.ids.entries()) add(id, timers.values[row], timers.weights[row])
  for (const [row, id] of sets.ids.entries())
    add(id, ...sets.members.slice(sets.offsets[row], sets.offsets[row + 1]))
  return Object.fromEntries([...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** The line with another value, if it has one. */
function withAnotherValue(line: Uint8Array, random: Random): Uint8Array {
  const text = Buffer.from(line).toString('latin1')
  const match = /^([^:|]*):([^|]*)(\|.*)$/s.exec(text)
  if (match === null) return line
  const digits = (most: number): string => String(random.below(10 ** (1 + random.below(most))))
  const values = [
    () => digits(6),
    () => digits(15),
    () => `-${digits(4)}`,
    () => `+${digits(3)}`,
    () => `${digits(4)}.${digits(5)}`,
    () => `-${digits(2)}.${digits(3)}`,
    () => `${digits(2)}.`,
    () => `00${digits(3)}`,
    () => `${digits(3)}e2`,
    () => '-0',
    () => '',
    () => '1:2',
    () => '123456789012345.6',
    () => '1.5x',
  ]
  const value = values[random.below(values.length)]?.() ?? ''
  return Buffer.from(`${match[1]}:${value}${match[3]}`, 'latin1')
}

const MARKS = [
  '|c',
  '|g',
  '|ms',
  '|h',
  '|c|@0.5',
  '|c|#env:prod,host:web1',
  '|g|#a:b',
  '|ms|@0.1|#a',
  '|s',
  '|d',
]

/** Names that a sender sends again and again, in the same order. */
function createSender(number: number, random: Random): string[] {
  return Array.from({ length: 5 + random.below(40) }, (_, index) => {
    const name = `s${number}.${'host'.repeat(random.below(6))}.n${index}`
    return `${name}:%${MARKS[random.below(MARKS.length)] ?? ''}`
  })
}

/** What that sender sends this time: at times with a line that is gone, doubled, damaged or of an unusual value. */
function sendAgain(sender: readonly string[], random: Random): Uint8Array[] {
  return sender.flatMap((form) => {
    const damage = random.below(80)
    if (damage === 0) return []
    const line = Buffer.from(`${form.replace('%', String(random.below(10 ** random.below(7))))}\n`)
    if (damage === 1) return [line, line]
    if (damage === 2) line[random.below(line.length)] = 0x2b + random.below(80)
    return [damage === 3 ? withAnotherValue(line, random) : line]
  })
}

test.each(STATSD_PROFILES)('known lines come to what the decoder makes of them: profile %s', (profile) => {
  const random = new Random(SEED)
  const fuzzer = createLineFuzzer(SEED)
  const format = createStatsdFormat({ profile })
  let excludedRest = 3
  const isExcluded = (key: string): boolean => key.length % 7 === excludedRest
  const order = watchOrder()
  const senders = Array.from({ length: 6 }, (_, number) => createSender(number, random))
  const oracle = new Intake(format, false, isExcluded)
  const short = new Intake(createStatsdFormat({ profile }), true, isExcluded)
  const pool: Uint8Array[] = []
  for (let round = 0; round < ROUNDS; round++) {
    for (let packet = 0; packet < 20; packet++) {
      const isOfSender = random.next() < 0.4
      const lines = isOfSender ? sendAgain(senders[random.below(senders.length)] ?? [], random) : []
      for (let i = isOfSender ? -1 : random.below(40); i >= 0; i--) {
        const isKnown = pool.length > 100 && random.next() < 0.8
        const line = isKnown ? (pool[random.below(pool.length)] ?? new Uint8Array()) : fuzzer.line()
        if (!isKnown) pool[random.below(300)] = line
        const isKept = random.next() < 0.3
        lines.push(
          isKept ? line : withAnotherValue(line, random),
          Buffer.from(random.next() < 0.1 ? '\r\n' : '\n'),
        )
      }
      if (random.next() < 0.5) lines.pop()
      const bytes = new Uint8Array(Buffer.concat(lines))
      // Somewhere in larger memory, as a datagram is, and right at its end, as a read of a stream may be.
      const slack = random.below(2) * 16
      const memory = new Uint8Array(bytes.length + slack + random.below(9))
      memory.set(bytes, memory.length - slack - bytes.length)
      const start = memory.length - slack - bytes.length
      for (const { fixture } of [oracle, short]) fixture.clock.advance(1)
      oracle.take(memory, start, start + bytes.length)
      short.take(memory, start, start + bytes.length)
      // Other rules from now on.
      if (random.next() < 0.01) {
        excludedRest = random.below(7)
        short.shard.forgetShapes()
      }
    }
    expect(short.seal(), `round ${round} with seed ${SEED}`).toEqual(oracle.seal())
    expect(short.counts()).toEqual(oracle.counts())
  }
  expect(short.takenCount).toBeGreaterThan(oracle.fixture.accepted() / 10)
  expect(order.expectedCount).toBeGreaterThan(short.takenCount / 4)
})
