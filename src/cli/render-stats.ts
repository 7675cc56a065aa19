import { basename, dirname } from 'node:path'
import type { FileContents, PrefixSize, StoreStats, TierContents } from '../store/index.ts'
import { formatDuration } from '../lib/units.ts'
import { escapeForTerminal } from '../telemetry/escape-for-terminal.ts'
import { formatBytes, formatCount, renderTable } from './render-table.ts'
import type { Style } from './style.ts'

/** What each kind of file is, in a few words. */
const KIND_NOTES: Readonly<Record<StoreStats['kinds'][number]['kind'], string>> = {
  blocks: 'points as they came, sorted and packed',
  tiers: 'what is older, in coarser steps',
  log: 'as it came, since the last block',
  events: 'of the event store',
  damaged: 'put aside, never read; yours to delete',
  other: 'names, locks, the open interval',
}

export function renderStats(stats: StoreStats, style: Style, isVerbose: boolean): string {
  const files = [...stats.files, ...stats.tiers.flatMap((tier) => tier.files)]
  const damages = files.flatMap((file) => file.damages)
  const lines = [
    style.bold(escapeForTerminal(stats.path)),
    '',
    ...renderTotals(stats, style),
    '',
    ...renderKinds(stats, style),
    ...(stats.tiers.length > 0 ? ['', ...renderTiers(stats.tiers, style)] : []),
    ...(stats.prefixes.length > 0 ? ['', ...renderPrefixes(stats, style, isVerbose)] : []),
    ...(isVerbose && files.length > 0 ? ['', ...renderFiles(files, style)] : []),
  ]
  if (damages.length > 0)
    lines.push(
      '',
      `${style.red(`${damages.length} damaged ${damages.length === 1 ? 'place' : 'places'}`)}: \`kymo verify\` says where.`,
    )
  return `${lines.join('\n')}\n`
}

function renderTotals(stats: StoreStats, style: Style): string[] {
  const { seriesCount, pointCount, bytes, bytesPerPoint, oldestMs, newestMs } = stats
  const perPoint = bytesPerPoint === null ? '' : `   ${style.green(bytesPerPoint.toFixed(2))} a point`
  const rows: [string, string][] = [
    ['series', formatCount(seriesCount)],
    ['points', formatCount(pointCount)],
    ['bytes', `${formatBytes(bytes)}${perPoint}`],
  ]
  if (oldestMs !== null && newestMs !== null) {
    rows.push(['oldest', formatTime(oldestMs)])
    rows.push(['newest', `${formatTime(newestMs)}   ${style.dim(formatSpan(newestMs - oldestMs))}`])
  }
  return rows.map(([name, value]) => `  ${style.dim(name.padEnd(8))}${value}`)
}

function renderKinds({ kinds, bytes }: StoreStats, style: Style): string[] {
  const rows = kinds.map(({ kind, count, bytes: own }) => [
    kind,
    formatCount(count),
    formatBytes(own),
    bytes === 0 ? '' : `${((own / bytes) * 100).toFixed(1)} %`,
    KIND_NOTES[kind],
  ])
  return renderTable(['', 'files', 'bytes', 'share', ''], rows, [false, true, true, true, false], style)
}

function renderTiers(tiers: readonly TierContents[], style: Style): string[] {
  const rows = tiers.map(({ stepMs, slotCount, bytes, oldestMs, newestMs }) => [
    formatDuration(stepMs),
    formatCount(slotCount),
    formatBytes(bytes),
    slotCount === 0 ? '-' : (bytes / slotCount).toFixed(2),
    oldestMs > newestMs ? '-' : formatTime(oldestMs),
    oldestMs > newestMs ? '-' : formatTime(newestMs),
  ])
  const heads = ['steps of', 'slots', 'bytes', 'a slot', 'from', 'to']
  return renderTable(heads, rows, [true, true, true, true, false, false], style)
}

/** Of more only --verbose tells. */
const SHOWN_PREFIXES = 30

function renderPrefixes({ prefixes }: StoreStats, style: Style, isVerbose: boolean): string[] {
  const all = prefixes.reduce((sum, { bytes }) => sum + bytes, 0)
  const row = (prefix: string, { series, points, slots, bytes }: Omit<PrefixSize, 'prefix'>): string[] => [
    prefix,
    formatCount(series),
    formatCount(points),
    formatCount(slots),
    formatBytes(bytes),
    all === 0 ? '' : `${((bytes / all) * 100).toFixed(1)} %`,
  ]
  const shown = isVerbose ? prefixes : prefixes.slice(0, SHOWN_PREFIXES)
  const rows = shown.map((one) => row(escapeForTerminal(one.prefix), one))
  const rest = prefixes.slice(shown.length)
  if (rest.length > 0) rows.push(row(`${formatCount(rest.length)} others`, sumOf(rest)))
  const heads = ['names', 'series', 'points', 'slots', 'bytes', 'share']
  return renderTable(heads, rows, [false, true, true, true, true, true], style)
}

function sumOf(sizes: readonly PrefixSize[]): Omit<PrefixSize, 'prefix'> {
  const sum = { series: 0, points: 0, slots: 0, bytes: 0 }
  for (const { series, points, slots, bytes } of sizes) {
    sum.series += series
    sum.points += points
    sum.slots += slots
    sum.bytes += bytes
  }
  return sum
}

function renderFiles(files: readonly FileContents[], style: Style): string[] {
  const rows = files.map(({ path, bytes, pointCount, seriesCount, oldestMs, newestMs, damages }) => [
    escapeForTerminal(shortPath(path)),
    formatCount(seriesCount),
    formatCount(pointCount),
    formatBytes(bytes),
    pointCount === 0 ? '-' : (bytes / pointCount).toFixed(2),
    oldestMs > newestMs ? '-' : formatTime(oldestMs),
    oldestMs > newestMs ? '-' : formatTime(newestMs),
    damages.length === 0 ? '' : style.red('damaged'),
  ])
  const heads = ['file', 'series', 'points', 'bytes', 'a point', 'from', 'to', '']
  return renderTable(heads, rows, [false, true, true, true, true, false, false, false], style)
}

/** A file of a tier with the tier and the aggregate it is of. */
function shortPath(path: string): string {
  const column = dirname(path)
  const tier = dirname(column)
  return basename(dirname(tier)) === 'tiers'
    ? [basename(tier), basename(column), basename(path)].join('/')
    : basename(path)
}

function formatTime(timeMs: number): string {
  const date = new Date(timeMs)
  return Number.isNaN(date.getTime())
    ? `${timeMs} ms`
    : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** In the unit in which it is at least two: `117 days`. */
function formatSpan(spanMs: number): string {
  const units = [
    ['days', 86_400_000],
    ['hours', 3_600_000],
    ['minutes', 60_000],
  ] as const
  for (const [name, unitMs] of units)
    if (spanMs >= 2 * unitMs) return `${Math.round(spanMs / unitMs)} ${name}`
  return `${Math.round(spanMs / 1_000)} seconds`
}
