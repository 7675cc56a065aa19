import { createReadStream, statSync } from 'node:fs'
import { canonicalKey } from '../../formats/graphite-plaintext/canonical-key.ts'
import { graphitePlaintextFormat } from '../../formats/index.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import { KymoError, reasonOf } from '../../telemetry/errors.ts'
import { escapeForTerminal } from '../../telemetry/escape-for-terminal.ts'
import { createStyle } from '../style.ts'
import { parseCsvLine } from './parse-csv-line.ts'
import { formatCount, formatSeconds, Progress } from './progress.ts'
import { type Piece, sendPoints } from './send-points.ts'
import { pathOf, type TransferContext, valueOf } from './transfer-context.ts'

export type LineKind = 'carbon-lines' | 'csv'

/** Some lines could not be read; all others are in. */
const EXIT_INCOMPLETE = 65
const MOST_REFUSED_SHOWN = 20
const MOST_LINE_BYTES = 65_535
/** Points are sent series by series, so that many are put in order before. */
const POINTS_PER_SORTING = 262_144

/** Takes a line's point, or says why there is none; 'header': nothing is wrong with it. */
type Take = (key: SeriesKey, timeMs: number, value: number) => void
type ReadLine = (bytes: Buffer, number: number, take: Take) => string | undefined

/** Moves lines in, of Graphite's plaintext or of CSV, from a file or a stream. */
export async function importLines(context: TransferContext, kind: LineKind): Promise<number> {
  const { clock, stdout, stderr, given, place } = context
  const readLine = kind === 'csv' ? readCsv : carbonReader(clock.nowMs())
  const counts = { lines: 0, refused: 0, bytes: 0, points: 0 }
  const input = openInput(context)
  const progress = new Progress({ output: stderr, clock, totalBytes: input.bytes })
  const beganMs = clock.monotonicMs()
  const peer = given.has('dry-run')
    ? undefined
    : await context.open(context.config, valueOf(context, 'url'), clock)
  try {
    const receiver = peer ?? {
      send: ({ values }) => Promise.resolve({ stored: values.length, outside: 0, overLimit: 0 }),
      settle: () => Promise.resolve(),
    }
    const totals = await sendPoints(pieces(), {
      peer: receiver,
      clock,
      onSent: ({ stored }) => progress.show(counts.bytes, stored, () => `${formatCount(counts.lines)} lines`),
      onSafe() {},
    })
    progress.end()
    const seconds = (clock.monotonicMs() - beganMs) / 1_000
    const result = { ...counts, ...totals, seconds }
    stdout.write(given.has('json') ? `${JSON.stringify(result)}\n` : render(result, context))
    return counts.refused > 0 ? EXIT_INCOMPLETE : 0
  } finally {
    await peer?.close()
  }

  async function* pieces(): AsyncGenerator<Piece> {
    const gathered = new GatheredPoints()
    const take: Take = (key, timeMs, value) => gathered.add(key, timeMs, value)
    for await (const line of linesOf(input.stream, place, (bytes) => (counts.bytes += bytes))) {
      counts.lines++
      const problem = line === undefined ? 'it is too long' : readLine(line, counts.lines, take)
      if (problem !== undefined) refuse(problem)
      if (gathered.points >= POINTS_PER_SORTING) yield* gathered.takeAll()
    }
    yield* gathered.takeAll()
    counts.points = gathered.total
  }

  function refuse(problem: string): void {
    counts.refused++
    if (counts.refused > MOST_REFUSED_SHOWN) return
    const style = createStyle(stderr, context.env)
    stderr.write(`${style.yellow('refused')}: line ${counts.lines}: ${escapeForTerminal(problem)}\n`)
    if (counts.refused === MOST_REFUSED_SHOWN) stderr.write('Further ones are only counted.\n')
  }
}

/** Points by series, in the order they came. */
class GatheredPoints {
  #bySeries = new Map<SeriesKey, { timesMs: number[]; values: number[] }>()
  points = 0
  total = 0

  add(key: SeriesKey, timeMs: number, value: number): void {
    let series = this.#bySeries.get(key)
    if (series === undefined) this.#bySeries.set(key, (series = { timesMs: [], values: [] }))
    series.timesMs.push(timeMs)
    series.values.push(value)
    this.points++
    this.total++
  }

  *takeAll(): Generator<Piece> {
    const all = this.#bySeries
    this.#bySeries = new Map()
    this.points = 0
    for (const [key, { timesMs, values }] of all) yield { key, count: values.length, timesMs, values }
  }
}

function carbonReader(nowMs: number): ReadLine {
  return (bytes, _number, take) => {
    const end = bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length
    if (end === 0) return undefined
    return graphitePlaintextFormat.decodeLine(bytes, 0, end, nowMs, {
      packet() {},
      sample() {},
      event() {},
      point: ({ key, timeMs, value }) => take(key, timeMs, value),
    })
  }
}

/** The first line may say what the columns are. */
const readCsv: ReadLine = (bytes, number, take) => {
  const line = parseCsvLine(bytes.toString())
  if (line === undefined) return undefined
  if ('problem' in line) return number === 1 && line.isHeader ? undefined : line.problem
  const key = canonicalKey(line.series)
  if (key === '') return 'the name of the series is empty'
  if (line.value !== undefined) take(key, line.timeMs, line.value)
  return undefined
}

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/** Lines without their ends; undefined: one that is too long. */
async function* linesOf(
  stream: AsyncIterable<Buffer>,
  place: string,
  onRead: (bytes: number) => void,
): AsyncGenerator<Buffer | undefined> {
  let rest: Buffer = Buffer.alloc(0)
  let isTooLong = false
  try {
    for await (const read of stream) {
      onRead(read.length)
      const bytes: Buffer = rest.length === 0 ? read : Buffer.concat([rest, read])
      let start = 0
      for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
        yield isTooLong || end - start > MOST_LINE_BYTES ? undefined : bytes.subarray(start, end)
        isTooLong = false
        start = end + 1
      }
      rest = bytes.subarray(start)
      if (rest.length > MOST_LINE_BYTES) {
        isTooLong = true
        rest = Buffer.alloc(0)
      }
    }
  } catch (error) {
    if (error instanceof KymoError) throw error
    throw new KymoError('source-unreadable', { path: place, reason: reasonOf(error) }, { cause: error })
  }
  if (isTooLong) yield undefined
  else if (rest.length > 0) yield rest
}

function openInput(context: TransferContext): { stream: AsyncIterable<Buffer>; bytes: number } {
  if (context.place === '-') return { stream: createReadStream('', { fd: 0, autoClose: false }), bytes: 0 }
  const path = pathOf(context, context.place)
  try {
    const stats = statSync(path)
    if (stats.isDirectory()) throw new Error('it is a directory')
    return { stream: createReadStream(path), bytes: stats.size }
  } catch (error) {
    throw new KymoError('source-unreadable', { path, reason: reasonOf(error) }, { cause: error })
  }
}

interface LinesSummary {
  readonly lines: number
  readonly refused: number
  readonly stored: number
  readonly outside: number
  readonly overLimit: number
  readonly seconds: number
}

function render(
  { lines, refused, stored, outside, overLimit, seconds }: LinesSummary,
  { stdout, env, given }: TransferContext,
): string {
  const style = createStyle(stdout, env)
  const rate = formatCount(stored / Math.max(0.001, seconds))
  const done = [
    given.has('dry-run')
      ? `${formatCount(stored)} points in ${formatCount(lines)} lines. Nothing was sent.`
      : `${style.green('ok')}: ${formatCount(stored)} points of ${formatCount(lines)} lines in ${formatSeconds(seconds)}, ${rate} a second.`,
  ]
  if (outside > 0)
    done.push(
      `${formatCount(outside)} points are older than store.retention, or ahead of the clock, and were not kept.`,
    )
  if (overLimit > 0)
    done.push(`${formatCount(overLimit)} points are of series beyond the limits, and were not kept.`)
  if (refused > 0) done.push(`${style.red(formatCount(refused))} lines were refused.`)
  return `${done.join('\n')}\n`
}
