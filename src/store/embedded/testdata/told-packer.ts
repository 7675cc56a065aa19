// Packs, and tells when it begins and ends.
import { mergeBlocks } from '../block/merge-blocks.ts'
import { ThreadPacker, type Packer } from '../block/packer.ts'
import { sealHead } from '../block/seal-head.ts'
import { createRuleBook } from '../../rules/index.ts'
import { foldTier } from '../tier/fold-tier.ts'
import { nodeFileSystem } from '../file-system.ts'

export type PackingStage = 'sealing' | 'merging' | 'folding'
export type Tell = (stage: PackingStage, edge: 'begins' | 'ends') => void

/** In a thread, as Kymo does; or here, where a signal meets it in the middle of something far more often. */
export function toldPacker(where: 'thread' | 'here', tell: Tell): Packer {
  const packer: Packer =
    where === 'thread'
      ? new ThreadPacker()
      : {
          seal: async (segment) => sealHead(nodeFileSystem, segment),
          merge: async (blocks) => mergeBlocks(nodeFileSystem, blocks),
          fold: async ({ rules, ...folding }) =>
            foldTier(nodeFileSystem, folding, createRuleBook(rules)),
        }
  const told = async <Outcome>(stage: PackingStage, work: () => Promise<Outcome>): Promise<Outcome> => {
    tell(stage, 'begins')
    try {
      return await work()
    } finally {
      tell(stage, 'ends')
    }
  }
  return {
    seal: (segment) => told('sealing', () => packer.seal(segment)),
    merge: (blocks) => told('merging', () => packer.merge(blocks)),
    fold: (folding) => told('folding', () => packer.fold(folding)),
  }
}
