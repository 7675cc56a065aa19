import { toWireName } from '../../formats/graphite-plaintext/wire-name.ts'
import type { KymoPeer } from './kymo-peer.ts'
import { formatCount, Progress } from './progress.ts'
import { readPoints } from './read-points.ts'
import type { TransferContext } from './transfer-context.ts'
import type { ExportedRange } from './exported-range.ts'

/** Text of about this many characters is written at a time. */
const PIECE_CHARACTERS = 65_536

type Encode = (name: string, timeMs: number, value: number) => string

/** Writes points as lines on stdout, series by series. */
export async function exportLines(
  { stdout, stderr, clock }: TransferContext,
  peer: KymoPeer,
  { series, range }: ExportedRange,
  kind: 'carbon-lines' | 'csv',
): Promise<number> {
  const encode = kind === 'csv' ? csvLine : carbonLine
  const progress = new Progress({ output: stderr, clock, totalBytes: series.length })
  let text = kind === 'csv' ? 'series,time,value\n' : ''
  let [done, points] = [0, 0]
  for await (const { key, timesMs, values } of readPoints(peer, series, range)) {
    const name = kind === 'csv' ? csvField(key) : toWireName(key)
    for (let index = 0; index < values.length; index++) {
      text += encode(name, timesMs[index] as number, values[index] as number)
      if (text.length < PIECE_CHARACTERS) continue
      stdout.write(text)
      text = ''
      if (stdout.destroyed === true) return 0
    }
    points += values.length
    progress.show(++done, points, () => `${formatCount(done)} of ${formatCount(series.length)} series`)
  }
  stdout.write(text)
  progress.end()
  return 0
}

/** Decimals only where there are any: carbon takes them. */
const carbonLine: Encode = (name, timeMs, value) => `${name} ${textOf(value)} ${timeMs / 1_000}\n`
const csvLine: Encode = (name, timeMs, value) => `${name},${timeMs / 1_000},${textOf(value)}\n`

/** As a number is written, with the sign of 0. */
function textOf(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

function csvField(text: string): string {
  return /[",\s]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
