import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fill } from '../../formats/whisper/fill.ts'
import { bytesInMemory, bytesOfDescriptor } from '../../formats/whisper/file-bytes.ts'
import { type EncodedHeader, encodeHeader } from '../../formats/whisper/header.ts'
import type { AggregationMethod } from '../../model/aggregation-method.ts'
import type { Rollup } from '../../model/series-identity.ts'
import { type RuleBook, WHISPER_DEFAULT_AGGREGATION } from '../../store/rules/index.ts'
import { KymoError, reasonOf } from '../../telemetry/errors.ts'
import { escapeForTerminal } from '../../telemetry/escape-for-terminal.ts'
import { createStyle } from '../style.ts'
import type { ExportedRange } from './exported-range.ts'
import type { KymoPeer } from './kymo-peer.ts'
import { formatCount, Progress } from './progress.ts'
import { type ReadSeries, readPoints } from './read-points.ts'
import { pathOf, rulesOf, type TransferContext } from './transfer-context.ts'
import { whisperPath } from './whisper-path.ts'

/** Some series have no file; all others have. */
const EXIT_INCOMPLETE = 65
const MOST_SKIPS_SHOWN = 20
/** A larger file is filled where it is and not in memory. */
const MOST_IN_MEMORY_BYTES = 64 * 1024 * 1024

const METHOD_OF_ROLLUP: Readonly<Record<Rollup, AggregationMethod>> = {
  mean: 'average',
  sum: 'sum',
  last: 'last',
  max: 'max',
  min: 'min',
}

/** Writes series as whisper files into a directory, as carbon would have them there. */
export async function exportWhisper(
  context: TransferContext,
  peer: KymoPeer,
  { series, range }: ExportedRange,
): Promise<number> {
  const { stdout, stderr, env, clock } = context
  const root = emptyDirectory(pathOf(context, context.place))
  const rules = rulesOf(context)
  const nowSeconds = Math.floor(clock.nowMs() / 1_000)
  const progress = new Progress({ output: stderr, clock, totalBytes: series.length })
  const done = { files: 0, points: 0, leftOut: 0, skipped: 0, seen: 0 }
  const skip = (key: string, problem: string): void => {
    done.skipped++
    if (done.skipped > MOST_SKIPS_SHOWN) return
    const style = createStyle(stderr, env)
    stderr.write(`${style.yellow('skipped')}: ${escapeForTerminal(key)}: ${escapeForTerminal(problem)}\n`)
    if (done.skipped === MOST_SKIPS_SHOWN) stderr.write('Further ones are only counted.\n')
  }
  for await (const one of readPoints(peer, series, range)) {
    progress.show(++done.seen, done.points, () => `${formatCount(done.files)} files`)
    if (one.values.length === 0) continue
    const place = whisperPath(one.key)
    if (typeof place !== 'string') {
      skip(one.key, place.problem)
      continue
    }
    const encoded = headerFor(one, rules)
    if ('problem' in encoded) {
      skip(one.key, encoded.problem)
      continue
    }
    const leftOut = writeFile(join(root, place), encoded, (file) =>
      fill({ header: encoded.header, file }, one, nowSeconds),
    )
    done.files++
    done.points += one.values.length - leftOut
    done.leftOut += leftOut
  }
  progress.end()
  const style = createStyle(stdout, env)
  stdout.write(
    `${style.green('ok')}: ${formatCount(done.points)} points in ${formatCount(done.files)} files.\n`,
  )
  if (done.leftOut > 0)
    stdout.write(
      `${formatCount(done.leftOut)} points are older than their files reach, or ahead of the clock, and were left out.\n`,
    )
  if (done.skipped > 0) stdout.write(`${style.red(formatCount(done.skipped))} series have no file.\n`)
  return done.skipped > 0 ? EXIT_INCOMPLETE : 0
}

function headerFor(
  { key, rollup }: ReadSeries,
  rules: RuleBook,
): EncodedHeader | { readonly problem: string } {
  const { method = METHOD_OF_ROLLUP[rollup], xFilesFactor } = rules.aggregationFor(key)
  return encodeHeader({
    archives: rules.retentionsFor(key).map(({ stepSeconds, retentionSeconds }) => ({
      stepSeconds,
      points: retentionSeconds / stepSeconds,
    })),
    method,
    // Where nothing is said, whatever there is counts: points of StatsD come and go.
    xFilesFactor:
      xFilesFactor ??
      (rules.originsFor(key).aggregation === undefined ? 0 : WHISPER_DEFAULT_AGGREGATION.xFilesFactor),
  })
}

/** Beside its place first, so that what has its name is whole. Answers what `fillIt` does. */
function writeFile(
  path: string,
  { bytes, fileBytes }: EncodedHeader,
  fillIt: (file: ReturnType<typeof bytesInMemory>) => number,
): number {
  const aside = `${path}.new`
  try {
    mkdirSync(dirname(path), { recursive: true })
    const descriptor = openSync(aside, 'wx+')
    let leftOut: number
    try {
      if (fileBytes <= MOST_IN_MEMORY_BYTES) {
        const whole = new Uint8Array(fileBytes)
        whole.set(bytes)
        leftOut = fillIt(bytesInMemory(whole))
        bytesOfDescriptor(descriptor).write(0, whole)
      } else {
        ftruncateSync(descriptor, fileBytes)
        writeSync(descriptor, bytes, 0, bytes.length, 0)
        leftOut = fillIt(bytesOfDescriptor(descriptor))
      }
    } finally {
      closeSync(descriptor)
    }
    renameSync(aside, path)
    return leftOut
  } catch (error) {
    rmSync(aside, { force: true })
    throw new KymoError('file-unwritable', { path, reason: reasonOf(error) }, { cause: error })
  }
}

function emptyDirectory(path: string): string {
  try {
    mkdirSync(path, { recursive: true })
    if (readdirSync(path).length === 0) return path
  } catch (error) {
    throw new KymoError('file-unwritable', { path, reason: reasonOf(error) }, { cause: error })
  }
  throw new KymoError('export-exists', { path })
}
