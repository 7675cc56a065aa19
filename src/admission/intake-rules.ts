import { formatSeriesKey, parseSeriesKey, type SeriesKey } from '../model/series-key.ts'
import { ADMITTED_TYPES, type AdmittedType } from './admitted-type.ts'
import { compileRule } from './compile-rule.ts'
import { DecisionCache } from './decision-cache.ts'
import type { IntakeRuleOptions } from './rule-shape.ts'
import type { Candidate, Rule, RuleKind, RuleVerb } from './rule.ts'

/**
 * What is let in, and under which name. Rules are read from the top, each sees the name and the tags that those before it
 * have left, and of each kind the first that matches counts:
 *
 *   verdict   include, exclude   refused at once; or let in, and no later verdict is asked
 *   rename    rename
 *   tags      match
 *
 * Where any rule includes, what no verdict is about is refused. The same key and type always come to the same decision,
 * so decisions are remembered.
 */
export interface IntakeRules {
  /** The key to use instead; undefined: refused. */
  admit(key: SeriesKey, type: AdmittedType): SeriesKey | undefined
  /** The same decision, and how it came about. */
  explain(key: SeriesKey, type: AdmittedType): IntakeExplanation
}

export interface IntakeExplanation {
  readonly key: SeriesKey
  readonly type: AdmittedType
  /** The rules that matched, in order. */
  readonly steps: readonly IntakeStep[]
  /** undefined: refused. */
  readonly admittedAs: SeriesKey | undefined
  /** Why it is refused. */
  readonly refusedBy?: 'exclude' | 'no_include'
}

export interface IntakeStep {
  /** Index of the rule. */
  readonly rule: number
  readonly verb: RuleVerb
  /** It matches too, but a rule of its kind came before it. */
  readonly isTooLate: boolean
  /** The key as the rule leaves it; undefined: refused. */
  readonly key: SeriesKey | undefined
}

/** `options` have been checked, as the configuration is. */
export function createIntakeRules(options: readonly IntakeRuleOptions[]): IntakeRules {
  const rules = options.map((option): Rule => {
    const compiled = compileRule(option)
    if (compiled.isCompiled) return compiled.rule
    throw new Error(`BUG: a rule that was not checked, ${JSON.stringify(compiled.problems)}`)
  })
  const hasIncludes = rules.some(({ verb }) => verb === 'include')
  const caches = createCaches(rules.some(({ isForSomeTypes }) => isForSomeTypes))

  function decide(key: SeriesKey, type: AdmittedType, steps?: IntakeStep[]): SeriesKey | undefined {
    const settled = new Set<RuleKind>()
    const original = read(key)
    let candidate = original
    let index = -1
    for (const rule of rules) {
      index++
      const isTooLate = settled.has(rule.kind)
      if (isTooLate && steps === undefined) continue
      const outcome = rule.apply(candidate, type)
      if (outcome === undefined) continue
      settled.add(rule.kind)
      if (!isTooLate && outcome !== 'refused') candidate = outcome
      const isRefused = !isTooLate && outcome === 'refused'
      const keyNow = isRefused ? undefined : steps && write(candidate)
      steps?.push({ rule: index, verb: rule.verb, isTooLate, key: keyNow })
      if (isRefused) return undefined
    }
    if (hasIncludes && !settled.has('verdict')) return undefined
    return candidate === original ? key : write(candidate)
  }

  return {
    admit(key, type) {
      if (rules.length === 0) return key
      const cache = caches.get(type)
      const known = cache?.get(key)
      if (known !== undefined) return known ?? undefined
      const decision = decide(key, type)
      cache?.set(key, decision ?? null)
      return decision
    },
    explain(key, type) {
      const steps: IntakeStep[] = []
      const admittedAs = decide(key, type, steps)
      if (admittedAs !== undefined) return { key, type, steps, admittedAs }
      const isExcluded = steps.at(-1)?.key === undefined && steps.length > 0
      return { key, type, steps, admittedAs, refusedBy: isExcluded ? 'exclude' : 'no_include' }
    },
  }
}

const MOST_ENTRIES = 100_000
const MOST_CHARACTERS = 8_000_000

/** Types share one cache where no rule tells them apart. */
function createCaches(isByType: boolean): ReadonlyMap<AdmittedType, DecisionCache> {
  const create = (): DecisionCache =>
    new DecisionCache({ mostEntries: MOST_ENTRIES, mostCharacters: MOST_CHARACTERS })
  const shared = create()
  return new Map(ADMITTED_TYPES.map((type) => [type, isByType ? create() : shared]))
}

function read(key: SeriesKey): Candidate {
  const { name, tags } = parseSeriesKey(key)
  return { nodes: name.split('.'), tags }
}

function write({ nodes, tags }: Candidate): SeriesKey {
  return formatSeriesKey(nodes.join('.'), tags)
}
