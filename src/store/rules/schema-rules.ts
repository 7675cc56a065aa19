import { archivesProblem, finestFirst, retentionSecondsOf } from '../../formats/whisper/archive.ts'
import { parseArchive } from '../../formats/whisper/parse-archive.ts'
import type { Retention } from '../../model/retention.ts'
import type { RuleFile } from './rule-book-source.ts'
import { readRules, type ReadRules, type SectionReader } from './rule-file.ts'

/** Reads a storage-schemas.conf: which steps a series has, and how long each is kept, the finest first. */
export function readSchemaRules(file: RuleFile): ReadRules<readonly Retention[]> {
  return readRules(file, {
    options: ['retentions'],
    // Of go-carbon, and of carbon before it read sections in order.
    foreignOptions: ['compressed', 'migration', 'priority'],
    requires: ['retentions'],
    read: readRetentions,
  })
}

function readRetentions({ get, complain }: SectionReader): readonly Retention[] | undefined {
  const given = get('retentions')
  if (given === undefined) return undefined
  const archives = []
  for (const part of given.split(',')) {
    const archive = parseArchive(part)
    if ('problem' in archive) return complain('retentions', archive.problem)
    archives.push(archive)
  }
  const problem = archivesProblem(archives)
  if (problem !== undefined) return complain('retentions', problem)
  return finestFirst(archives).map((archive) => ({
    stepSeconds: archive.stepSeconds,
    retentionSeconds: retentionSecondsOf(archive),
  }))
}
