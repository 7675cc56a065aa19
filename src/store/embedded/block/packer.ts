import { Worker } from 'node:worker_threads'
import type { BlocksToMerge, MergeOutcome } from './merge-blocks.ts'
import type { RuleBookSource } from '../../rules/index.ts'
import type { FoldOutcome, TierToFold } from '../tier/fold-tier.ts'
import type { HeadToSeal, SealOutcome } from './seal-head.ts'

/** What makes blocks, away from the thread that writes. One job at a time; a job rejects with what the system said. */
export interface Packer {
  seal(segment: HeadToSeal): Promise<SealOutcome>
  merge(blocks: BlocksToMerge): Promise<MergeOutcome>
  fold(folding: Folding): Promise<FoldOutcome>
}

export interface Folding extends TierToFold {
  /** Tells of each series how fine and how long it is kept. */
  readonly rules: RuleBookSource
}

export type PackJob =
  | { readonly kind: 'seal'; readonly segment: HeadToSeal }
  | { readonly kind: 'merge'; readonly blocks: BlocksToMerge }
  | { readonly kind: 'fold'; readonly folding: Folding }

export type PackAnswer<Outcome> = { readonly outcome: Outcome } | { readonly error: unknown }

/** Packs in a thread, which is there as long as there is work: a segment becomes full every ten minutes. */
export class ThreadPacker implements Packer {
  seal(segment: HeadToSeal): Promise<SealOutcome> {
    return run({ kind: 'seal', segment })
  }

  merge(blocks: BlocksToMerge): Promise<MergeOutcome> {
    return run({ kind: 'merge', blocks })
  }

  fold(folding: Folding): Promise<FoldOutcome> {
    return run({ kind: 'fold', folding })
  }
}

async function run<Outcome>(job: PackJob): Promise<Outcome> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const worker = new Worker(new URL(`./packer-thread.${extension}`, import.meta.url), {
    name: 'packer',
    workerData: job,
  })
  try {
    return await new Promise((resolve, reject) => {
      worker.once('message', (answer: PackAnswer<Outcome>) => {
        if ('outcome' in answer) resolve(answer.outcome)
        else reject(answer.error)
      })
      worker.once('error', reject)
      worker.once('exit', () => reject(new Error('the thread that packs blocks has ended')))
    })
  } finally {
    await worker.terminate()
  }
}
