import type { FlushBatch } from '../../model/flush-batch.ts'
import type { SetDetail, TimerDetail } from '../../model/flush-details.ts'
import type { TimerKind } from '../../model/sample.ts'
import { type SeriesIdentity, statisticName } from '../../model/series-identity.ts'
import { parseSeriesKey, type SeriesKey } from '../../model/series-key.ts'

export interface EncodeOptions {
  /** In front of each name, as it is. */
  readonly prefix: string
  /** `dogstatsd`: `|#key:value`. `drop`: tags are left out. */
  readonly tagForm: 'dogstatsd' | 'drop'
  /** Lines are put out together up to this, without an LF at their end. */
  readonly mostBytes: number
}

/**
 * A flush as lines of StatsD, so that a server behind this one comes to the same numbers:
 *
 *   counters   api.hits:10|c|#env:prod
 *   gauges     queue:4|g            a negative one is set to 0 first: queue:0|g LF queue:-4|g
 *   timers     api.time:3.5|ms|@0.1 each value as it came; where they were too many to keep, each statistic as a gauge, api.time.upper:9|g
 *   sets       users:alice|s        each member; where they were too many to keep, how many as a gauge
 *
 * Of an idle counter, timer or set there is nothing to say. Yields packets of lines; those of one metric that belong together are in
 * one packet. `refuse` is called with the place of each series that no packet can carry.
 */
export function* encodeFlush(
  batch: FlushBatch,
  options: EncodeOptions,
  refuse: (index: number) => void,
): Generator<Buffer> {
  const packet = new PacketWriter(options.mostBytes)
  const names = new WireNames(options)
  const details = indexDetails(batch)
  /** Whether the values of a metric could all be told. */
  const told = new Map<TimerDetail | SetDetail | null, boolean>([[null, true]])
  for (let index = 0; index < batch.series.length; index += 1) {
    const identity = batch.series[index] as SeriesIdentity
    const detail = details === undefined ? undefined : detailOf(details, identity)
    let isTold: boolean | undefined
    if (detail === undefined) {
      const lines = linesOfSeries(identity, batch.values[index] as number, names)
      isTold = lines !== undefined && (yield* packet.addAll(lines))
    } else {
      isTold = told.get(detail)
      isTold ??= yield* packet.addAll(linesOfDetail(detail, names))
      told.set(detail, isTold)
    }
    if (!isTold) refuse(index)
  }
  yield* packet.end()
}

interface IndexedDetails {
  readonly timers: ReadonlyMap<SeriesKey, TimerDetail>
  readonly sets: ReadonlyMap<SeriesKey, SetDetail>
}

function indexDetails({ details }: FlushBatch): IndexedDetails | undefined {
  if (details === undefined) return undefined
  return {
    timers: new Map(details.timers.map((detail) => [detail.metricKey, detail])),
    sets: new Map(details.sets.map((detail) => [detail.metricKey, detail])),
  }
}

/** undefined: its series have to do. null: it was idle, and there is nothing to say. */
function detailOf(
  { timers, sets }: IndexedDetails,
  { metricKey, metricType }: SeriesIdentity,
): TimerDetail | SetDetail | null | undefined {
  if (metricType === 'set') return sets.get(metricKey)
  if (metricType !== 'timer') return undefined
  const timer = timers.get(metricKey)
  if (timer === undefined) return null
  return timer.values.length === 0 ? undefined : timer
}

function linesOfDetail(detail: TimerDetail | SetDetail | null, names: WireNames): Iterable<string> {
  if (detail === null) return []
  return 'members' in detail ? setLines(detail, names) : timerLines(detail, names)
}

const TIMER_TYPES: Readonly<Record<TimerKind, string>> = { timing: 'ms', histogram: 'h', distribution: 'd' }

function* timerLines({ metricKey, kind, values, weights }: TimerDetail, names: WireNames): Generator<string> {
  const { name, tags } = names.of(metricKey)
  const type = TIMER_TYPES[kind]
  for (const [index, value] of values.entries()) {
    const weight = weights?.[index] ?? 1
    const rate = weight === 1 ? '' : `|@${1 / weight}`
    yield `${name}:${formatNumber(value)}|${type}${rate}${tags}`
  }
}

function* setLines({ metricKey, members }: SetDetail, names: WireNames): Generator<string> {
  const { name, tags } = names.of(metricKey)
  for (const member of members) yield `${name}:${member.replace(MEMBER_BREAKERS, '_') || '_'}|s${tags}`
}

/** undefined: no line can say it. Empty: something else says it. */
function linesOfSeries(
  identity: SeriesIdentity,
  value: number,
  names: WireNames,
): readonly string[] | undefined {
  if (!Number.isFinite(value)) return undefined
  const { metricKey, metricType, statistic } = identity
  const { name, tags } = names.of(metricKey)
  switch (metricType) {
    case 'counter':
      return statistic === 'count' && value !== 0 ? [`${name}:${formatNumber(value)}|c${tags}`] : []
    case 'gauge':
    case 'untyped':
      return [gaugeLines(name, value, tags)]
    case 'timer':
      return [gaugeLines(`${name}.${statisticName(identity)}`, value, tags)]
    case 'set':
      return value === 0 ? [] : [gaugeLines(`${name}.${statistic}`, value, tags)]
  }
}

/** A sign would make it a change of what the gauge holds. */
function gaugeLines(name: string, value: number, tags: string): string {
  const line = `${name}:${formatNumber(value)}|g${tags}`
  return value < 0 ? `${name}:0|g${tags}\n${line}` : line
}

function formatNumber(value: number): string {
  // -0 would be a change by nothing.
  return value === 0 ? '0' : String(value)
}

interface WireName {
  readonly name: string
  /** With what parts them from the rest. */
  readonly tags: string
}

class WireNames {
  readonly #options: EncodeOptions
  readonly #names = new Map<SeriesKey, WireName>()

  constructor(options: EncodeOptions) {
    this.#options = options
  }

  of(metricKey: SeriesKey): WireName {
    let wireName = this.#names.get(metricKey)
    if (wireName === undefined) {
      wireName = this.#make(metricKey)
      this.#names.set(metricKey, wireName)
    }
    return wireName
  }

  #make(metricKey: SeriesKey): WireName {
    const { prefix, tagForm } = this.#options
    const { name, tags } = parseSeriesKey(metricKey)
    const wireName = `${prefix}${name.replace(NAME_BREAKERS, '_') || '_'}`
    if (tagForm === 'drop' || tags.length === 0) return { name: wireName, tags: '' }
    const wireTags = tags.map(
      ([key, value]) =>
        `${key.replace(TAG_KEY_BREAKERS, '_') || '_'}:${value.replace(TAG_VALUE_BREAKERS, '_') || '_'}`,
    )
    return { name: wireName, tags: `|#${wireTags.join(',')}` }
  }
}

// What would end the text too early, or begin something else, in any dialect.
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const NAME_BREAKERS = /[\s:|@#,;[\]\u0000-\u001f\u007f-\u009f]/g
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const TAG_KEY_BREAKERS = /[\s:|#,\u0000-\u001f\u007f-\u009f]/g
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const TAG_VALUE_BREAKERS = /[\s|#,\u0000-\u001f\u007f-\u009f]/g
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const MEMBER_BREAKERS = /[:|\u0000-\u001f\u007f-\u009f]/g

class PacketWriter {
  readonly #mostBytes: number
  readonly #bytes: Buffer
  #end = 0

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
    this.#bytes = Buffer.allocUnsafe(mostBytes)
  }

  /** Yields packets that are full. Lines of one text stay together. false: some text does not fit into any packet, and was left out. */
  *addAll(texts: Iterable<string>): Generator<Buffer, boolean> {
    let doAllFit = true
    for (const lines of texts) {
      const lineBytes = Buffer.byteLength(lines)
      if (lineBytes > this.#mostBytes) {
        doAllFit = false
        continue
      }
      if (this.#end > 0 && this.#end + 1 + lineBytes > this.#mostBytes) yield* this.end()
      if (this.#end > 0) this.#bytes[this.#end++] = LINE_FEED
      this.#end += this.#bytes.write(lines, this.#end)
    }
    return doAllFit
  }

  *end(): Generator<Buffer> {
    if (this.#end > 0) yield Buffer.from(this.#bytes.subarray(0, this.#end))
    this.#end = 0
  }
}

const LINE_FEED = 0x0a
