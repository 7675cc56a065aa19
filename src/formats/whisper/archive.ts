/** One archive of a whisper file: a value per step, so many of them. */
export interface Archive {
  readonly stepSeconds: number
  readonly points: number
}

/** Whisper's fields are unsigned 32 bits wide. */
export const MOST_SECONDS = 0xffff_ffff

/**
 * What whisper would say against these archives in one file; undefined: nothing. The order they are given in does not
 * matter: they stand in the file by their step.
 */
export function archivesProblem(archives: readonly Archive[]): string | undefined {
  if (archives.length === 0) return 'there has to be an archive'
  const sorted = finestFirst(archives)
  for (const [index, archive] of sorted.entries()) {
    const next = sorted[index + 1]
    const problem = archiveProblem(archive) ?? (next === undefined ? undefined : pairProblem(archive, next))
    if (problem !== undefined) return problem
  }
  return undefined
}

export function finestFirst<A extends Archive>(archives: readonly A[]): A[] {
  return archives.toSorted((a, b) => a.stepSeconds - b.stepSeconds)
}

export function retentionSecondsOf({ stepSeconds, points }: Archive): number {
  return stepSeconds * points
}

/** What whisper lets pass, and cannot work with. */
function archiveProblem(archive: Archive): string | undefined {
  if (archive.stepSeconds < 1) return 'a step of 0 s is none'
  if (archive.points < 1) return `steps of ${archive.stepSeconds} s are kept for less than one step`
  if (retentionSecondsOf(archive) > MOST_SECONDS)
    return `${archive.points} steps of ${archive.stepSeconds} s are longer than ${MOST_SECONDS} s, the most a file can say`
  return undefined
}

function pairProblem(fine: Archive, coarse: Archive): string | undefined {
  const ratio = coarse.stepSeconds / fine.stepSeconds
  if (ratio === 1) return `two archives have steps of ${fine.stepSeconds} s`
  if (!Number.isInteger(ratio))
    return `steps of ${coarse.stepSeconds} s are not made of whole steps of ${fine.stepSeconds} s`
  const [fineSeconds, coarseSeconds] = [retentionSecondsOf(fine), retentionSecondsOf(coarse)]
  if (coarseSeconds <= fineSeconds)
    return `steps of ${coarse.stepSeconds} s are kept for ${coarseSeconds} s, which is no longer than the ${fineSeconds} s of the finer steps of ${fine.stepSeconds} s`
  if (fine.points < ratio)
    return `a step of ${coarse.stepSeconds} s is made of ${ratio} steps of ${fine.stepSeconds} s, and only ${fine.points} of them are kept`
  return undefined
}
