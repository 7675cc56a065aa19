import { type AskForPage, forAllSeries } from '../../store/all-series.ts'
import { planTiers, type TierPlan } from '../../store/embedded/tier/plan-tiers.ts'
import { createRuleBook, RuleComparison, type RuleBookSource } from '../../store/rules/index.ts'
import type { SizeOfFile, SizeReader } from '../../store/sizes.ts'
import { type Clock, nextEventLoopTurn } from '../../lib/clock.ts'
import type { RulesAnswer } from '../services.ts'

export interface RulesToCompare {
  /** undefined: none are in force. */
  readonly before: RuleBookSource | undefined
  readonly after: RuleBookSource
}

export interface RulesContext {
  readonly page: AskForPage
  readonly sizeReader: Pick<SizeReader, 'files'>
  readonly clock: Pick<Clock, 'nowMs'>
}

/**
 * What rules would do: to each series that there is, and to the files. Throws the KymoError `rules-invalid`. Names come page by page, so that neither the thread that has
 * them nor this one is held for long.
 */
export async function answerRules(
  { before, after }: RulesToCompare,
  { page, sizeReader, clock }: RulesContext,
  signal: AbortSignal,
): Promise<RulesAnswer> {
  const nowMs = clock.nowMs()
  const books = {
    before: before === undefined ? undefined : createRuleBook(before),
    after: createRuleBook(after),
  }
  const comparison = await forAllSeries(
    async (cursor, limit) => {
      await nextEventLoopTurn()
      signal.throwIfAborted()
      return await page(cursor, limit)
    },
    () => new RuleComparison(books.before, books.after, nowMs),
  )
  const files = await sizeReader.files()
  return {
    ...comparison.report(),
    dropped:
      books.before === undefined ? [] : droppedFiles(files, planTiers(books.after.allRetentions), nowMs),
    bytesPerPoint: [...bySteps(files)].map(([stepMs, { points, bytes }]) => ({
      stepSeconds: stepMs / 1_000,
      bytes: points === 0 ? 0 : bytes / points,
    })),
  }
}

/** Files whose newest point is older than anything is to be kept. */
function droppedFiles(files: readonly SizeOfFile[], plan: TierPlan, nowMs: number): RulesAnswer['dropped'] {
  const retentionOf = (stepMs: number): number => {
    if (stepMs === 0) return plan.rawRetentionMs
    // As long as anything is kept, if no rule speaks of the tier any more.
    return plan.tiers.find((tier) => tier.stepMs === stepMs)?.retentionMs ?? plan.totalRetentionMs
  }
  const old = files.filter(({ stepMs, newestMs }) => newestMs < nowMs - retentionOf(stepMs))
  return [...bySteps(old)].map(([stepMs, sum]) => ({ stepSeconds: stepMs / 1_000, ...sum }))
}

function bySteps(files: readonly SizeOfFile[]): Map<number, { points: number; bytes: number }> {
  const sums = new Map<number, { points: number; bytes: number }>()
  for (const { stepMs, points, bytes } of files.toSorted((a, b) => a.stepMs - b.stepMs)) {
    const sum = sums.get(stepMs) ?? { points: 0, bytes: 0 }
    sums.set(stepMs, { points: sum.points + points, bytes: sum.bytes + bytes })
  }
  return sums
}
