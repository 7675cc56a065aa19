import { existsSync, lstatSync, readdirSync } from 'node:fs'
import { join, sep } from 'node:path'
import { listBlocks, withoutCovered } from '../block/block-file.ts'
import { dataPaths, openingFailure, requireDataDirectory } from '../data-directory.ts'
import { systemCodeOf } from '../file-system.ts'
import { listSegments } from '../segment-file.ts'
import type { FileContents, TierContents } from './damage.ts'
import { describeBlock } from './describe-block.ts'
import { type PrefixSize, SeriesNotes } from './prefix-sizes.ts'
import { readTiers } from './read-tiers.ts'
import { verifySegment } from './verify-segment.ts'

export interface StoreStats {
  /** The data directory. */
  readonly path: string
  readonly seriesCount: number
  /** Points as they came; one that was written again in a later file counts twice until the two are merged. */
  readonly pointCount: number
  /** Of all regular files. */
  readonly bytes: number
  /** Of the files that hold points as they came. */
  readonly bytesPerPoint: number | null
  /** Time of the oldest and the newest point; null: there are none. */
  readonly oldestMs: number | null
  readonly newestMs: number | null
  /** All regular files of the directory. */
  readonly kinds: readonly FilesOfKind[]
  /** Those that hold points, in the order of the log. */
  readonly files: readonly FileContents[]
  /** What is older, in coarser steps. */
  readonly tiers: readonly TierContents[]
  /** What series with the same first nodes take up, the largest first; empty unless it was asked for. */
  readonly prefixes: readonly PrefixSize[]
}

export interface StatsOptions {
  /** By how many first nodes of their names series are added up; undefined: they are not. */
  readonly prefixNodes?: number | undefined
}

export interface FilesOfKind {
  readonly kind: FileKind
  readonly count: number
  readonly bytes: number
}

/** `damaged`: put aside, never read. `other`: what is small, or not of the store. */
export type FileKind = (typeof FILE_KINDS)[number]
const FILE_KINDS = ['blocks', 'tiers', 'log', 'events', 'damaged', 'other'] as const

/** Blocks are merged while they are listed: so often the list is made anew. */
const MOST_ATTEMPTS = 20

/**
 * What a data directory holds. Only reads, takes no lock, and so may be asked of a store in use: blocks never change, and
 * of the log what is there counts. Throws the KymoErrors `data-unopenable` and `data-version`.
 */
export function readStoreStats(path: string, options: StatsOptions = {}): StoreStats {
  for (let attempt = 1; ; attempt++) {
    try {
      requireDataDirectory(path)
      return readOnce(path, options)
    } catch (error) {
      if (systemCodeOf(error) !== 'ENOENT' || attempt === MOST_ATTEMPTS) throw openingFailure(path, error)
    }
  }
}

function readOnce(path: string, { prefixNodes }: StatsOptions): StoreStats {
  const { logPath, blocksPath, tiersPath } = dataPaths(path)
  const notes = new SeriesNotes(prefixNodes)
  const listed = existsSync(blocksPath) ? listBlocks(blocksPath).blocks : []
  const blocks = withoutCovered(listed).current
  const files = blocks.map((numbers) => describeBlock(blocksPath, numbers, notes.points))
  const numbers = existsSync(logPath) ? listSegments(logPath).numbers : []
  for (const number of numbers) {
    if (blocks.some(({ first, last }) => first <= number && number <= last)) continue
    files.push(verifySegment(logPath, number, notes.points))
  }
  const tiers = readTiers(tiersPath, (columnPath, numbers, aggregate) =>
    describeBlock(columnPath, numbers, notes.slotsOf(aggregate === 'count')),
  )
  const kinds = countFiles(path)
  const pointCount = files.reduce((sum, file) => sum + file.pointCount, 0)
  const bytes = kinds.reduce((sum, kind) => sum + kind.bytes, 0)
  const pointBytes = kinds.reduce((sum, { kind, bytes: own }) => sum + (kind === 'tiers' ? 0 : own), 0)
  const times = [...files, ...tiers].filter(({ oldestMs, newestMs }) => oldestMs <= newestMs)
  return {
    path,
    seriesCount: notes.keys.size,
    pointCount,
    bytes,
    bytesPerPoint: pointCount === 0 ? null : pointBytes / pointCount,
    oldestMs: times.length === 0 ? null : Math.min(...times.map(({ oldestMs }) => oldestMs)),
    newestMs: times.length === 0 ? null : Math.max(...times.map(({ newestMs }) => newestMs)),
    kinds,
    files,
    tiers,
    prefixes: notes.sizes,
  }
}

function countFiles(path: string): FilesOfKind[] {
  const counts = new Map<FileKind, { count: number; bytes: number }>()
  for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' })) {
    const stat = lstatSync(join(path, name))
    if (!stat.isFile()) continue
    const kind = kindOf(name)
    const { count, bytes } = counts.get(kind) ?? { count: 0, bytes: 0 }
    counts.set(kind, { count: count + 1, bytes: bytes + stat.size })
  }
  return FILE_KINDS.flatMap((kind) => {
    const counted = counts.get(kind)
    return counted === undefined ? [] : [{ kind, ...counted }]
  })
}

function kindOf(name: string): FileKind {
  if (name.endsWith('.damaged')) return 'damaged'
  if (name.startsWith(`blocks${sep}`)) return 'blocks'
  if (name.startsWith(`tiers${sep}`)) return 'tiers'
  if (name.startsWith(`log${sep}`)) return 'log'
  return name.startsWith('events.') ? 'events' : 'other'
}
