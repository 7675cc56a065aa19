import { ProtobufError, ProtobufReader } from '../../lib/protobuf-reader.ts'
import type { RemoteWriteVersion } from './version.ts'

/** A series of a request, and what it brings. Filled anew for each: copy what you keep. */
export interface ReceivedSeries {
  /** As they were sent. */
  readonly labels: (readonly [name: string, value: string])[]
  readonly samples: ReceivedSample[]
  /** Of native histograms what is a number. */
  readonly histograms: ReceivedHistogram[]
  exemplarCount: number
}

export interface ReceivedSample {
  /** NaN is what a series ends with, or a quantile of nothing. */
  readonly value: number
  readonly timeMs: number
}

export interface ReceivedHistogram {
  readonly count: number
  readonly sum: number
  readonly timeMs: number
}

/** Series with more are nobody's: they would take far more memory than their bytes. */
const MOST_SAMPLES = 100_000
const MOST_LABELS = 1_000

/**
 * Reads a request of remote write, uncompressed, series by series. Throws ProtobufError where it is none; what came before has been handed
 * out by then.
 */
export function decodeRequest(bytes: Uint8Array, version: RemoteWriteVersion): Generator<ReceivedSeries> {
  return version === '1.0' ? decodeFirst(bytes) : decodeSecond(bytes)
}

function* decodeFirst(bytes: Uint8Array): Generator<ReceivedSeries> {
  const series = emptySeries()
  for (const message of messagesOf(new ProtobufReader(bytes), 1)) {
    clear(series)
    while (message.next())
      switch (message.field) {
        case 1:
          series.labels.push(readLabel(message.message()))
          break
        case 2:
          series.samples.push(readSample(message.message()))
          break
        case 3:
          series.exemplarCount += 1
          message.skip()
          break
        case 4:
          series.histograms.push(readHistogram(message.message()))
          break
        default:
          message.skip()
      }
    yield checked(series)
  }
}

/** Texts are numbered: series name them by their numbers, which may be known only after the series. */
function* decodeSecond(bytes: Uint8Array): Generator<ReceivedSeries> {
  const symbols: string[] = []
  const reader = new ProtobufReader(bytes)
  while (reader.next())
    if (reader.field === 4) symbols.push(reader.text())
    else reader.skip()

  const series = emptySeries()
  const references: number[] = []
  for (const message of messagesOf(new ProtobufReader(bytes), 5)) {
    clear(series)
    references.length = 0
    while (message.next())
      switch (message.field) {
        case 1:
          message.uints(references)
          break
        case 2:
          series.samples.push(readSample(message.message()))
          break
        case 3:
          series.histograms.push(readHistogram(message.message()))
          break
        case 4:
          series.exemplarCount += 1
          message.skip()
          break
        default:
          message.skip()
      }
    // A number that stands for nothing is a label without a name, which is refused as any other.
    for (let index = 0; index < references.length; index += 2)
      series.labels.push([symbols[references[index] ?? -1] ?? '', symbols[references[index + 1] ?? -1] ?? ''])
    yield checked(series)
  }
}

function* messagesOf(reader: ProtobufReader, field: number): Generator<ProtobufReader> {
  while (reader.next())
    if (reader.field === field) yield reader.message()
    else reader.skip()
}

function readLabel(message: ProtobufReader): readonly [string, string] {
  let name = ''
  let value = ''
  while (message.next())
    if (message.field === 1) name = message.text()
    else if (message.field === 2) value = message.text()
    else message.skip()
  return [name, value]
}

function readSample(message: ProtobufReader): ReceivedSample {
  let value = 0
  let timeMs = 0
  while (message.next())
    if (message.field === 1) value = message.double()
    else if (message.field === 2) timeMs = message.int()
    else message.skip()
  return { value, timeMs }
}

/** Alike in both versions. */
function readHistogram(message: ProtobufReader): ReceivedHistogram {
  let count = 0
  let sum = 0
  let timeMs = 0
  while (message.next())
    switch (message.field) {
      case 1:
        count = message.uint()
        break
      case 2:
        count = message.double()
        break
      case 3:
        sum = message.double()
        break
      case 15:
        timeMs = message.int()
        break
      default:
        message.skip()
    }
  return { count, sum, timeMs }
}

function emptySeries(): ReceivedSeries {
  return { labels: [], samples: [], histograms: [], exemplarCount: 0 }
}

function checked(series: ReceivedSeries): ReceivedSeries {
  if (series.labels.length > MOST_LABELS) throw new ProtobufError('a series has too many labels')
  if (series.samples.length + series.histograms.length > MOST_SAMPLES)
    throw new ProtobufError('a series has too many samples')
  return series
}

function clear(series: ReceivedSeries): void {
  series.labels.length = 0
  series.samples.length = 0
  series.histograms.length = 0
  series.exemplarCount = 0
}
