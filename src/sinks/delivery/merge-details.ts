import type { FlushDetails, SetDetail, TimerDetail } from '../../model/flush-details.ts'

/** The details of several flushes as those of one. Values stay in the order they came; a member of a set is there once. */
export class DetailsMerger {
  readonly #timers = new Map<string, TimerDetail[]>()
  readonly #sets = new Map<string, Set<string>>()
  /** Those that were idle in each flush. */
  #idleGauges: ReadonlySet<string> | undefined

  add(details: FlushDetails): void {
    if (details.idleGauges !== undefined) {
      const known = this.#idleGauges
      const idle =
        known === undefined ? details.idleGauges : details.idleGauges.filter((key) => known.has(key))
      this.#idleGauges = new Set(idle)
    }
    for (const timer of details.timers) {
      const place = `${timer.kind}\n${timer.metricKey}`
      const known = this.#timers.get(place)
      if (known === undefined) this.#timers.set(place, [timer])
      else known.push(timer)
    }
    for (const { metricKey, members } of details.sets) {
      const known = this.#sets.get(metricKey)
      if (known === undefined) this.#sets.set(metricKey, new Set(members))
      else for (const member of members) known.add(member)
    }
  }

  finish(): FlushDetails {
    return {
      timers: [...this.#timers.values()].flatMap(mergeTimers),
      sets: [...this.#sets].map(([metricKey, members]): SetDetail => ({ metricKey, members: [...members] })),
      ...(this.#idleGauges === undefined ? {} : { idleGauges: [...this.#idleGauges] }),
    }
  }
}

/** Those of one metric: values as one, and each sketch by itself. */
function mergeTimers(details: readonly TimerDetail[]): readonly TimerDetail[] {
  const withValues = details.filter(({ sketch }) => sketch === undefined)
  const [first] = withValues
  if (first === undefined || withValues.length < 2) return details
  const length = withValues.reduce((sum, { values }) => sum + values.length, 0)
  const values = new Float64Array(length)
  const weights = withValues.some((detail) => detail.weights !== undefined)
    ? new Float64Array(length).fill(1)
    : undefined
  let end = 0
  for (const detail of withValues) {
    values.set(detail.values, end)
    if (detail.weights !== undefined) weights?.set(detail.weights, end)
    end += detail.values.length
  }
  const { metricKey, kind } = first
  const merged = { metricKey, kind, values, ...(weights === undefined ? {} : { weights }) }
  return [merged, ...details.filter(({ sketch }) => sketch !== undefined)]
}
