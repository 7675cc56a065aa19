import { realpathSync, statSync } from 'node:fs'
import type { AggregationMethod } from '../../model/aggregation-method.ts'
import type { Rollup } from '../../model/series-identity.ts'
import { KymoError, reasonOf } from '../../telemetry/errors.ts'
import { escapeForTerminal } from '../../telemetry/escape-for-terminal.ts'
import { createStyle } from '../style.ts'
import { surveyWhisper } from './survey-whisper.ts'
import { Journal, type JournalEntry } from './journal.ts'
import { formatCount, formatSeconds, Progress } from './progress.ts'
import { RingRoom } from '../../formats/whisper/ring.ts'
import { openWhisper, readWhisper } from './read-whisper.ts'
import { type Mark, type Piece, sendPoints } from './send-points.ts'
import { Sample } from './sample.ts'
import { pathOf, timeOf, type TransferContext, valueOf } from './transfer-context.ts'
import { type TreeSkip, walkWhisperTree } from './whisper-tree.ts'

/** Some files could not be read; all others are in. */
const EXIT_INCOMPLETE = 65
const MOST_SKIPS_SHOWN = 20
const DEFAULT_JOURNAL = 'kymo-import.journal'

/** What whisper's methods are here. Two have no like: what comes nearest to it. */
export const ROLLUP_OF_METHOD: Readonly<Record<AggregationMethod, Rollup>> = {
  average: 'mean',
  avg_zero: 'mean',
  sum: 'sum',
  last: 'last',
  max: 'max',
  absmax: 'max',
  min: 'min',
  absmin: 'min',
}

/** Moves a tree of whisper files in. */
export async function importWhisper(context: TransferContext): Promise<number> {
  const { clock, stderr, stdout, given } = context
  const root = directoryOf(context)
  const nowSeconds = Math.floor((timeOf(context, 'as-of') ?? clock.nowMs()) / 1_000)
  if (given.has('dry-run')) return surveyWhisper(context, root, nowSeconds)

  const journal = new Journal(pathOf(context, valueOf(context, 'journal') ?? DEFAULT_JOURNAL))
  const begun = resumedFrom(journal, root, given.has('resume'))
  const size = sizeOf(root)
  const peer = await context.open(context.config, valueOf(context, 'url'), clock)
  try {
    const progress = new Progress({
      output: stderr,
      clock,
      totalBytes: size.bytes,
      startBytes: begun?.bytes ?? 0,
    })
    const skips = new Skips(context)
    const sample = new Sample(size.files)
    const done = { files: begun?.files ?? 0, bytes: begun?.bytes ?? 0, broken: 0, points: 0 }
    const beganMs = clock.monotonicMs()
    const totals = await sendPoints(pieces(), {
      peer,
      clock,
      onSent: ({ stored }) =>
        progress.show(
          done.bytes,
          stored,
          () => `${formatCount(done.files)} of ${formatCount(size.files)} files`,
        ),
      onSafe: (through) =>
        journal.write({
          source: root,
          target: peer.name,
          through,
          files: done.files,
          bytes: done.bytes,
          points: (begun?.points ?? 0) + done.points,
        }),
    })
    progress.end()
    const checked = await sample.verify(peer)
    journal.remove()
    const seconds = (clock.monotonicMs() - beganMs) / 1_000
    const result = {
      files: done.files,
      points: totals.stored,
      ...totals,
      skipped: skips.count,
      broken: done.broken,
      checked,
      seconds,
    }
    if (given.has('json')) stdout.write(`${JSON.stringify(result)}\n`)
    else stdout.write(render(result, context))
    return done.broken > 0 ? EXIT_INCOMPLETE : 0

    function* pieces(): Generator<Piece | Mark> {
      const room = new RingRoom()
      for (const found of walkWhisperTree(root, begun?.through)) {
        if (found.kind === 'skip') {
          skips.tell(found)
          continue
        }
        const whisper = openWhisper(found.path)
        if ('problem' in whisper) {
          done.broken++
          skips.tell({ kind: 'skip', place: found.place, reason: whisper.problem }, 'broken')
          continue
        }
        const { key } = found
        const rollup = ROLLUP_OF_METHOD[whisper.header.method]
        try {
          for (const { count, seconds, values } of readWhisper(whisper, nowSeconds, room)) {
            for (let index = 0; index < count; index++) seconds[index] = (seconds[index] as number) * 1_000
            sample.see({ key, rollup }, done.files, { timesMs: seconds, values, count })
            done.points += count
            yield { key, rollup, count, timesMs: seconds, values }
          }
        } catch (error) {
          if (error instanceof KymoError) throw error
          done.broken++
          skips.tell({ kind: 'skip', place: found.place, reason: reasonOf(error) }, 'broken')
        } finally {
          whisper.close()
        }
        done.files++
        done.bytes += whisper.bytes
        yield { mark: found.place }
      }
    }
  } finally {
    await peer.close()
  }
}

function directoryOf(context: TransferContext): string {
  const path = pathOf(context, context.place)
  try {
    const root = realpathSync(path)
    if (!statSync(root).isDirectory()) throw new Error('it is no directory')
    return root
  } catch (error) {
    throw new KymoError('source-unreadable', { path, reason: reasonOf(error) }, { cause: error })
  }
}

function resumedFrom(journal: Journal, root: string, isResumed: boolean): JournalEntry | undefined {
  const entry = journal.read()
  if (entry === undefined || (isResumed && entry.source === root)) return entry
  throw new KymoError('import-unfinished', { source: entry.source, path: journal.path })
}

/** Of all files, so that it can be said how long it will take. */
function sizeOf(root: string): { files: number; bytes: number } {
  const size = { files: 0, bytes: 0 }
  for (const found of walkWhisperTree(root)) {
    if (found.kind === 'skip') continue
    size.files++
    size.bytes += statSync(found.path, { throwIfNoEntry: false })?.size ?? 0
  }
  return size
}

/** Tells of what is left alone: each of the first ones, and then how many there were. */
class Skips {
  count = 0
  readonly #context: TransferContext

  constructor(context: TransferContext) {
    this.#context = context
  }

  tell({ place, reason }: TreeSkip, kind: 'skipped' | 'broken' = 'skipped'): void {
    if (kind === 'skipped') this.count++
    const { stderr, env } = this.#context
    this.#told++
    if (this.#told > MOST_SKIPS_SHOWN) return
    const style = createStyle(stderr, env)
    stderr.write(`${style.yellow(kind)}: ${escapeForTerminal(place)}: ${escapeForTerminal(reason)}\n`)
    if (this.#told === MOST_SKIPS_SHOWN) stderr.write('Further ones are only counted.\n')
  }

  #told = 0
}

interface ImportSummary {
  readonly files: number
  readonly stored: number
  readonly outside: number
  readonly overLimit: number
  readonly skipped: number
  readonly broken: number
  readonly checked: number
  readonly seconds: number
}

function render(
  { files, stored, outside, overLimit, skipped, broken, checked, seconds }: ImportSummary,
  { stdout, env }: TransferContext,
): string {
  const style = createStyle(stdout, env)
  const lines = [
    `${style.green('ok')}: ${formatCount(stored)} points of ${formatCount(files)} files in ${formatSeconds(seconds)}, ${formatCount(stored / Math.max(0.001, seconds))} a second; ${checked} points were read back and are right.`,
  ]
  if (outside > 0)
    lines.push(
      `${formatCount(outside)} points are older than store.retention, or ahead of the clock, and were not kept.`,
    )
  if (overLimit > 0)
    lines.push(`${formatCount(overLimit)} points are of series beyond the limits, and were not kept.`)
  if (skipped > 0) lines.push(`${formatCount(skipped)} entries were left alone.`)
  if (broken > 0) lines.push(`${style.red(formatCount(broken))} files could not be read.`)
  return `${lines.join('\n')}\n`
}
