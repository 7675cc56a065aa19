// A thread that makes one block, says how it went, and ends.
import { parentPort, workerData } from 'node:worker_threads'
import { nodeFileSystem } from '../file-system.ts'
import { mergeBlocks, type MergeOutcome } from './merge-blocks.ts'
import type { PackAnswer, PackJob } from './packer.ts'
import { sealHead, type SealOutcome } from './seal-head.ts'

parentPort?.postMessage(answer(workerData as PackJob))

function answer(job: PackJob): PackAnswer<SealOutcome | MergeOutcome> {
  try {
    const outcome =
      job.kind === 'seal' ? sealHead(nodeFileSystem, job.segment) : mergeBlocks(nodeFileSystem, job.blocks)
    return { outcome }
  } catch (error) {
    return { error }
  }
}
