import type { IntakeReport, LinesToTake, LinesFormat } from '../api/services.ts'
import type { DecodedOutput, LineFormat, LineShortcut } from '../formats/format.ts'
import {
  createInfluxLineFormat,
  decodeJsonPoint,
  decodeOtlpJson,
  decodeOtlpProtobuf,
  graphitePlaintextFormat,
  OtlpIntake,
  type OtlpPoint,
  readJsonPoints,
} from '../formats/index.ts'
import { decodeRequest } from '../formats/prometheus-remote-write/decode-request.ts'
import { takeSeries } from '../formats/prometheus-remote-write/take-series.ts'
import { sleep } from '../lib/clock.ts'
import { excerpt } from '../lib/excerpt.ts'
import { ProtobufError } from '../lib/protobuf-reader.ts'
import { decodeSnappy } from '../lib/snappy.ts'
import type { IntakeOptions, Room } from '../listeners/listener.ts'
import { LineIntake } from '../listeners/index.ts'
import type { RejectionReason } from '../model/rejection.ts'
import { KymoError } from '../telemetry/errors.ts'

export interface BodyIntakeOptions
  extends Pick<IntakeOptions, 'name' | 'meter' | 'onRejection' | 'watch' | 'feed' | 'clock' | 'log'> {
  readonly output: DecodedOutput
  readonly statsdFormat: LineFormat
  readonly shortcuts: { readonly statsd: LineShortcut; readonly graphite: LineShortcut }
  readonly room: Room
}

/** So much is taken in one go; then it is the turn of the other senders. */
const SLICE_BYTES = 128 * 1024
const SLICE_POINTS = 2_000
const MOST_PROBLEMS = 10
const EXCERPT_CHARACTERS = 100
const MOST_QUOTED_LABELS = 10
/** A body of remote write, uncompressed. */
const MOST_DECODED_BYTES = 8 * 1024 * 1024
/** For an LF, and for what shortcuts read ahead. */
const SPARE_BYTES = 16
const LINE_FEED = 0x0a

/**
 * Takes in what comes as the body of a request, as if it had come line by line to a listener, and says which lines were refused. While the
 * keeper is behind, it waits.
 */
export class BodyIntake {
  readonly #options: BodyIntakeOptions
  readonly #intakes = new Map<string, LineIntake>()
  /** Of the body whose lines are being taken in. */
  #onRefused: (reason: RejectionReason, start: number, end: number) => void = () => {}

  constructor(options: BodyIntakeOptions) {
    this.#options = options
  }

  /** Throws the KymoErrors `request-invalid` where a body that is not of lines is none, and `body-too-large`. */
  async take(lines: LinesToTake): Promise<IntakeReport> {
    const { output } = this.#options
    switch (lines.format) {
      case 'json':
        return await this.#takeEach(lines, readJson(lines.body), quote, (point, receivedAtMs) =>
          decodeJsonPoint(point, receivedAtMs, output),
        )
      case 'otlp':
      case 'otlp-json': {
        const intake = new OtlpIntake(output)
        return await this.#takeEach(lines, readOtlp(lines), quoteOtlp, (point, receivedAtMs) =>
          point === undefined ? 'no_value' : intake.take(point, receivedAtMs),
        )
      }
      case 'remote-write':
        return await this.#takeRemoteWrite(lines)
      case 'graphite':
      case 'statsd':
      case 'influx':
        return await this.#takeLines(lines)
    }
  }

  async #takeLines({ format, unit, body, sender }: LinesToTake): Promise<IntakeReport> {
    const intake = this.#intakeOf(format, unit)
    const report = new Report(body)
    const bytes = new Uint8Array(body.length + SPARE_BYTES)
    bytes.set(body)
    bytes[body.length] = LINE_FEED
    const end = body.length + 1
    for (let start = 0; start < end; ) {
      await this.#waitForRoom()
      const next = bytes.indexOf(LINE_FEED, Math.min(start + SLICE_BYTES, end - 1)) + 1
      intake.beginPacket(next - start)
      this.#onRefused = (reason, from, to) => report.refused(reason, from, to)
      intake.takeBlock(bytes, start, next, { address: sender })
      start = next
      if (start < end) await sleep(this.#options.clock, 0)
    }
    return report.result()
  }

  /** Takes in points that are not lines: `take` puts one out, or says why it is none. */
  async #takeEach<Given>(
    { format, body, sender }: LinesToTake,
    points: Iterable<Given>,
    show: (point: Given) => string,
    take: (point: Given, receivedAtMs: number) => RejectionReason | undefined,
  ): Promise<IntakeReport> {
    const { meter, clock } = this.#options
    const intake = this.#intakeOf(format, 'ns')
    const problems: IntakeReport['problems'][number][] = []
    let refused = 0
    let receivedAtMs = 0
    let index = 0
    for (const point of points) {
      if (index % SLICE_POINTS === 0) {
        if (index > 0) await sleep(clock, 0)
        await this.#waitForRoom()
        receivedAtMs = clock.nowMs()
        intake.beginPacket(index === 0 ? body.length : 0)
        this.#onRefused = () => {}
      }
      index += 1
      const reason = take(point, receivedAtMs)
      if (reason === undefined) {
        meter.lines.add(1)
        meter.accepted.add(1)
        continue
      }
      const text = excerpt(show(point), EXCERPT_CHARACTERS)
      const bytes = Buffer.from(text)
      intake.rejectLine(reason, bytes, 0, bytes.length, { address: sender })
      refused += 1
      if (problems.length < MOST_PROBLEMS) problems.push({ line: index, reason, text })
    }
    return { refused, problems }
  }

  async #takeRemoteWrite({ body, version = '1.0', sender }: LinesToTake): Promise<IntakeReport> {
    const bytes = decodeSnappy(body, MOST_DECODED_BYTES)
    if ('problem' in bytes) {
      throw bytes.isTooLarge
        ? new KymoError('body-too-large', { limit: MOST_DECODED_BYTES })
        : new KymoError('request-invalid', { problem: `The body is no snappy: ${bytes.problem}.` })
    }
    // Read once to its end before anything is taken: half a request is none.
    refuseDamage('request of remote write', () => {
      for (const series of decodeRequest(bytes, version)) void series
    })
    const { meter, output, clock } = this.#options
    const intake = this.#intakeOf('remote-write', 'ns')
    const problems: IntakeReport['problems'][number][] = []
    const written = { samples: 0, histograms: 0 }
    let refused = 0
    let receivedAtMs = 0
    let seriesCount = 0
    let untilPause = 0
    for (const series of decodeRequest(bytes, version)) {
      if (untilPause <= 0) {
        if (seriesCount > 0) await sleep(clock, 0)
        await this.#waitForRoom()
        receivedAtMs = clock.nowMs()
        intake.beginPacket(seriesCount === 0 ? body.length : 0)
        this.#onRefused = () => {}
        untilPause = SLICE_POINTS
      }
      seriesCount += 1
      untilPause -= 1 + series.samples.length + series.histograms.length
      const taken = takeSeries(series, receivedAtMs, output)
      written.samples += taken.takenSamples
      written.histograms += taken.takenHistograms
      meter.lines.add(taken.takenSamples + taken.takenHistograms)
      meter.accepted.add(taken.takenSamples + taken.takenHistograms)
      if (taken.refusals.length === 0) continue
      const text = excerpt(quoteLabels(series.labels), EXCERPT_CHARACTERS)
      const quoted = Buffer.from(text)
      for (const reason of taken.refusals) {
        intake.rejectLine(reason, quoted, 0, quoted.length, { address: sender })
        refused += 1
        if (problems.length < MOST_PROBLEMS) problems.push({ line: seriesCount, reason, text })
      }
    }
    return { written, refused, problems }
  }

  async #waitForRoom(): Promise<void> {
    const { room } = this.#options
    if (room.isFull) await new Promise<void>((resolve) => room.whenEmpty(resolve))
  }

  #intakeOf(format: LinesFormat, unit: LinesToTake['unit']): LineIntake {
    const known = this.#intakes.get(`${format} ${unit}`)
    if (known !== undefined) return known
    const onRefused: IntakeOptions['onRefused'] = (reason, start, end) => this.#onRefused(reason, start, end)
    const { name, output, meter, onRejection, watch, clock, log } = this.#options
    const intake = new LineIntake({
      name,
      output,
      meter,
      ...(onRejection !== undefined && { onRejection }),
      ...(watch !== undefined && { watch }),
      clock,
      log,
      ...this.#formatOf(format, unit),
      onRefused,
    })
    this.#intakes.set(`${format} ${unit}`, intake)
    return intake
  }

  #formatOf(
    format: LinesFormat,
    unit: LinesToTake['unit'],
  ): Pick<IntakeOptions, 'format' | 'shortcut' | 'feed'> {
    const { statsdFormat, shortcuts, feed } = this.#options
    switch (format) {
      case 'statsd':
        return {
          format: statsdFormat,
          shortcut: shortcuts.statsd,
          ...(feed === undefined ? {} : { feed }),
        }
      case 'graphite':
        return { format: graphitePlaintextFormat, shortcut: shortcuts.graphite }
      case 'influx':
      case 'json':
      case 'remote-write':
      case 'otlp':
      case 'otlp-json':
        return { format: createInfluxLineFormat(unit) }
    }
  }
}

/** Throws the KymoError `request-invalid` for bytes that are no message. */
function refuseDamage(what: string, read: () => void): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof ProtobufError || error instanceof SyntaxError)) throw error
    const reason = excerpt(error.message, EXCERPT_CHARACTERS)
    throw new KymoError(
      'request-invalid',
      { problem: `The body is no ${what}: ${reason}.` },
      { cause: error },
    )
  }
}

function readJson(body: Uint8Array): readonly unknown[] {
  const points = readJsonPoints(body)
  if (points !== undefined) return points
  throw new KymoError('request-invalid', {
    problem: 'The body has to be a JSON list of points, or one point.',
  })
}

function readOtlp({ format, body }: LinesToTake): Iterable<OtlpPoint | undefined> {
  const what = 'ExportMetricsServiceRequest'
  if (format === 'otlp') {
    // Read once to its end before anything is taken: half a request is none.
    refuseDamage(what, () => {
      for (const point of decodeOtlpProtobuf(body)) void point
    })
    return decodeOtlpProtobuf(body)
  }
  let points: Iterable<OtlpPoint | undefined> = []
  refuseDamage(what, () => {
    points = decodeOtlpJson(body)
  })
  return points
}

function quoteOtlp(point: OtlpPoint | undefined): string {
  if (point === undefined) return 'a data point without a value'
  const { name, attributes } = point
  return `${excerpt(name, EXCERPT_CHARACTERS)} ${quoteLabels(attributes)}`.trimEnd()
}

/** `__name__=up,job=node`, as much of it as is shown. */
function quoteLabels(labels: readonly (readonly [name: string, value: string])[]): string {
  return labels
    .slice(0, MOST_QUOTED_LABELS)
    .map(([name, value]) => `${excerpt(name, EXCERPT_CHARACTERS)}=${excerpt(value, EXCERPT_CHARACTERS)}`)
    .join(',')
}

/** A point that was refused, without what is inside of its parts, which may be deep and long. */
function quote(point: unknown): string {
  if (Array.isArray(point)) return '[…]'
  return JSON.stringify(point, (key, value: unknown) => {
    if (typeof value === 'string') return excerpt(value, EXCERPT_CHARACTERS)
    return key !== '' && typeof value === 'object' && value !== null ? '…' : value
  })
}

/** Which lines of a body were refused: all are counted, the first are quoted with their numbers. */
class Report {
  readonly #body: Uint8Array
  readonly #problems: IntakeReport['problems'][number][] = []
  #refused = 0
  /** Up to where line ends were counted, and how many. */
  #countedTo = 0
  #lineEnds = 0

  constructor(body: Uint8Array) {
    this.#body = body
  }

  refused(reason: RejectionReason, start: number, end: number): void {
    this.#refused += 1
    if (this.#problems.length >= MOST_PROBLEMS) return
    for (; this.#countedTo < start; this.#countedTo++)
      if (this.#body[this.#countedTo] === LINE_FEED) this.#lineEnds += 1
    const text = new TextDecoder().decode(
      this.#body.subarray(start, Math.min(end, start + EXCERPT_CHARACTERS * 4)),
    )
    this.#problems.push({ line: this.#lineEnds + 1, reason, text: excerpt(text, EXCERPT_CHARACTERS) })
  }

  result(): IntakeReport {
    return { refused: this.#refused, problems: this.#problems }
  }
}
