import { DEFAULT_QUERY_LIMITS } from '../../query-limits.ts'
import type { QuerySeries } from '../../query-series.ts'
import type { QueryWindow } from '../../query-window.ts'
import { FakeStoreAccess } from '../../testdata/fake-store-access.ts'
import { UTC } from '../../testdata/utc.ts'
import { TargetBinder } from '../bind-target.ts'
import { Evaluation } from '../evaluation.ts'
import { FUNCTIONS } from '../functions/index.ts'
import { parseTarget } from '../parse-target.ts'

/** Evaluates targets in which every path stands for the same series, over any window. */
export function createFixedEvaluation(
  series: readonly QuerySeries[],
  window: QueryWindow,
): (target: string) => Promise<QuerySeries[]> {
  const { untilSeconds: nowSeconds } = window
  const context = {
    access: new FakeStoreAccess([]),
    limits: DEFAULT_QUERY_LIMITS,
    signal: new AbortController().signal,
    nowSeconds,
    timeZone: UTC,
    ...window,
  }
  return (target) => {
    const binder = new TargetBinder({
      functions: FUNCTIONS,
      template: new Map(),
      xFilesFactor: undefined,
      nowSeconds,
      timeZone: UTC,
    })
    const source = { find: async () => {},
    stepSeconds: (_query: unknown, given: { readonly stepSeconds: number }) => given.stepSeconds,
    fetch: async () => {}, has: () => true, series: () => [...series] }
    const evaluation = new Evaluation(context, binder, source)
    return evaluation.evaluateAll([binder.bind(parseTarget(target), target)], window)
  }
}
