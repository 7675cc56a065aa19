import { closeSync, copyFileSync, fsyncSync, openSync, renameSync, unlinkSync } from 'node:fs'
import { blockPath, type BlockNumbers } from '../block/block-file.ts'
import { mergeBlocks } from '../block/merge-blocks.ts'
import { sealHead } from '../block/seal-head.ts'
import type { DataDirectory } from '../data-directory.ts'
import { nameForDamaged, nodeFileSystem, syncDirectory } from '../file-system.ts'
import { HeadWriter } from '../head/head-writer.ts'
import { replaySegment } from '../replay-segment.ts'
import { segmentPath } from '../segment-file.ts'

/**
 * Puts a damaged block aside and, in its place, a block of what can be read of it; nothing is guessed. Answers where the
 * damaged one is. A crash in between leaves the damaged one in its place.
 */
export function repairBlock(blocksPath: string, numbers: BlockNumbers): string {
  const path = blockPath(blocksPath, numbers)
  const keptAt = nameForDamaged(nodeFileSystem, path)
  copyFileSync(path, keptAt)
  syncFile(keptAt)
  const job = { blocksPath, blocks: [numbers], isFirst: false, isDamageLeftOut: true }
  if (mergeBlocks(nodeFileSystem, job).kind !== 'merged') unlinkSync(path)
  syncDirectory(nodeFileSystem, blocksPath)
  return keptAt
}

/** The same of a segment. Its block is there before it is put aside. */
export function repairSegment({ logPath, blocksPath }: DataDirectory, number: number): string {
  const path = segmentPath(logPath, number)
  const head = new HeadWriter({ number, seed: 0 })
  const fd = openSync(path, 'r')
  try {
    replaySegment({ fd, number, path, head })
  } finally {
    closeSync(fd)
  }
  sealHead(nodeFileSystem, { blocksPath, newestFlushMs: head.newestFlushMs, head: head.share() })
  const keptAt = nameForDamaged(nodeFileSystem, path)
  renameSync(path, keptAt)
  syncDirectory(nodeFileSystem, logPath)
  return keptAt
}

function syncFile(path: string): void {
  const fd = openSync(path, 'r+')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
