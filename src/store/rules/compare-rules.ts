import type { Rollup } from '../../model/series-identity.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import type { CatalogEntry } from '../catalog.ts'
import type { AggregationRule } from './aggregation-rules.ts'
import { lostLevels, newTierSteps } from './lost-levels.ts'
import type { RuleBook } from './rule-book.ts'
import type { Rule } from './rule-file.ts'
import { type PlacesOfRules, RuleFinder } from './rule-finder.ts'
import type { LostLevel, RulesReport, RuleUse, SeriesChange, WayOfKeeping } from './rules-report.ts'
import { ROLLUP_OF } from './series-levels.ts'

const SHOWN_EXAMPLES = 3
/** Kinds of changes that are remembered; series of others are counted and not listed. */
const MOST_CHANGES = 1_000

/** Compares two books of rules, series by series. */
export class RuleComparison {
  readonly #before: RuleBook | undefined
  readonly #after: RuleBook
  readonly #nowMs: number
  readonly #finder = new RuleFinder()
  readonly #schemas: Tally[]
  readonly #aggregations: Tally[]
  readonly #changes = new Map<string, ChangeTally>()
  #series = 0
  #changed = 0

  /** `before` are those in force; undefined: none are. */
  constructor(before: RuleBook | undefined, after: RuleBook, nowMs: number) {
    this.#before = before
    this.#after = after
    this.#nowMs = nowMs
    this.#schemas = Array.from({ length: after.schemaRules.length + 1 }, () => new Tally())
    this.#aggregations = Array.from({ length: after.aggregationRules.length + 1 }, () => new Tally())
  }

  add(entry: CatalogEntry): void {
    const { key, rollup } = entry.identity
    this.#series++
    this.#finder.begin(key)
    const after = this.#finder.placesIn(this.#after)
    this.#schemas[after.schema]?.add(key)
    this.#aggregations[after.aggregation]?.add(key)
    if (this.#before === undefined) return
    const before = this.#finder.placesIn(this.#before)
    const name = `${before.schema} ${before.aggregation} ${after.schema} ${after.aggregation} ${rollup}`
    let change = this.#changes.get(name)
    if (change === undefined) {
      change = new ChangeTally(wayOf(this.#before, before, rollup), wayOf(this.#after, after, rollup))
      if (this.#changes.size < MOST_CHANGES) this.#changes.set(name, change)
    }
    if (!change.isChange) return
    this.#changed++
    change.note(entry, this.#nowMs)
  }

  report(): RulesReport {
    const { schemaRules, aggregationRules, defaultRetentions } = this.#after
    return {
      series: this.#series,
      schemas: this.#schemas.map((tally, place) => ({
        ...useOf(schemaRules[place], tally),
        retentions: schemaRules[place]?.says ?? defaultRetentions,
      })),
      aggregations: this.#aggregations.map((tally, place) => {
        const { method, xFilesFactor }: AggregationRule = aggregationRules[place]?.says ?? {}
        return {
          ...useOf(aggregationRules[place], tally),
          method: method ?? null,
          xFilesFactor: xFilesFactor ?? null,
        }
      }),
      changed: this.#before === undefined ? null : this.#changed,
      changes: joinAlike([...this.#changes.values()].filter(({ isChange }) => isChange)),
    }
  }
}

class Tally {
  series = 0
  readonly examples: SeriesKey[] = []

  add(key: SeriesKey): void {
    this.series++
    if (this.examples.length < SHOWN_EXAMPLES) this.examples.push(key)
  }
}

class ChangeTally extends Tally {
  readonly before: WayOfKeeping
  readonly after: WayOfKeeping
  readonly isChange: boolean
  /** By step. */
  readonly lost = new Map<number, LostLevel>()

  constructor(before: WayOfKeeping, after: WayOfKeeping) {
    super()
    this.before = before
    this.after = after
    this.isChange = nameOf(before) !== nameOf(after)
  }

  note({ identity, firstSeenMs, lastSeenMs }: CatalogEntry, nowMs: number): void {
    this.add(identity.key)
    const seen = { firstSeenMs, lastSeenMs }
    for (const level of lostLevels(this.before.retentions, this.after.retentions, seen, nowMs))
      addLost(this.lost, level)
  }
}

function addLost(lost: Map<number, LostLevel>, level: LostLevel): void {
  const known = lost.get(level.stepSeconds)
  lost.set(level.stepSeconds, {
    stepSeconds: level.stepSeconds,
    slots: (known?.slots ?? 0) + level.slots,
    fromMs: Math.min(known?.fromMs ?? level.fromMs, level.fromMs),
    untilMs: Math.max(known?.untilMs ?? level.untilMs, level.untilMs),
  })
}

function wayOf(book: RuleBook, { schema, aggregation }: PlacesOfRules, own: Rollup): WayOfKeeping {
  const retentions = book.schemaRules[schema]?.says ?? book.defaultRetentions
  const { method, xFilesFactor = 0 }: AggregationRule = book.aggregationRules[aggregation]?.says ?? {}
  // Of one level there is nothing that is made of finer steps.
  const isRolledUp = retentions.length > 1
  return {
    retentions,
    rollup: method === undefined ? own : ROLLUP_OF[method],
    xFilesFactor: isRolledUp ? xFilesFactor : 0,
  }
}

function nameOf({ retentions, rollup, xFilesFactor }: WayOfKeeping): string {
  const levels = retentions.map(({ stepSeconds, retentionSeconds }) => `${stepSeconds}:${retentionSeconds}`)
  return `${levels.join()} ${rollup} ${xFilesFactor}`
}

/** Other rules may say the same. */
function joinAlike(tallies: readonly ChangeTally[]): SeriesChange[] {
  const alike = Map.groupBy(tallies, ({ before, after }) => `${nameOf(before)} ${nameOf(after)}`)
  return [...alike.values()]
    .map((group): SeriesChange => {
      const [{ before, after }] = group as [ChangeTally]
      const lost = new Map<number, LostLevel>()
      for (const tally of group) for (const level of tally.lost.values()) addLost(lost, level)
      return {
        before,
        after,
        series: group.reduce((sum, { series }) => sum + series, 0),
        examples: group.flatMap(({ examples }) => examples).slice(0, SHOWN_EXAMPLES),
        lost: [...lost.values()].sort((a, b) => a.stepSeconds - b.stepSeconds),
        notMadeSteps: newTierSteps(before.retentions, after.retentions),
      }
    })
    .sort((a, b) => b.series - a.series)
}

function useOf(rule: Rule<unknown> | undefined, { series, examples }: Tally): RuleUse {
  return { rule: rule === undefined ? null : { ...rule.origin, pattern: rule.source }, series, examples }
}
