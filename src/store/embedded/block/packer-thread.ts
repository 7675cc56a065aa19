// A thread that makes one block, or those of one folding, says how it went, and ends.
import { parentPort, workerData } from 'node:worker_threads'
import { createRuleBook } from '../../rules/index.ts'
import { nodeFileSystem } from '../file-system.ts'
import { foldTier, type FoldOutcome } from '../tier/fold-tier.ts'
import { mergeBlocks, type MergeOutcome } from './merge-blocks.ts'
import type { PackAnswer, PackJob } from './packer.ts'
import { sealHead, type SealOutcome } from './seal-head.ts'

parentPort?.postMessage(answer(workerData as PackJob))

type Outcome = SealOutcome | MergeOutcome | FoldOutcome

function answer(job: PackJob): PackAnswer<Outcome> {
  try {
    return { outcome: outcomeOf(job) }
  } catch (error) {
    return { error }
  }
}

function outcomeOf(job: PackJob): Outcome {
  switch (job.kind) {
    case 'seal':
      return sealHead(nodeFileSystem, job.segment)
    case 'merge':
      return mergeBlocks(nodeFileSystem, job.blocks)
    case 'fold': {
      const { rules, ...folding } = job.folding
      return foldTier(nodeFileSystem, folding, createRuleBook(rules))
    }
  }
}
