import { compileLinearRegex, type LinearRegex } from '../../lib/linear-regex.ts'
import { GlobStates } from './glob-states.ts'
import { MAPPED_TYPES, type MappedType, type Mapping, type MappingRule } from './mapping.ts'
import { type Captures, compileTemplate, type Template } from './template.ts'

/** A rule, filled with what it took of one name. */
export interface MappedMetric {
  readonly rule: MappingRule
  /** Not escaped yet, and perhaps empty. */
  readonly name: string
  readonly labels: readonly (readonly [key: string, value: string])[]
}

/**
 * Which rule a metric falls under: first the globs, in one state machine per type of metric; only if none matches, the regular
 * expressions, in the order of the file. The latest answers are remembered.
 */
export interface Mapper {
  /** undefined: no rule is about it. */
  find(name: string, type: MappedType): MappedMetric | undefined
}

/** `mapping` has been checked. */
export function createMapper(mapping: Mapping): Mapper {
  const globs = {
    counter: new GlobStates(mapping.isGlobOrderOff),
    gauge: new GlobStates(mapping.isGlobOrderOff),
    observer: new GlobStates(mapping.isGlobOrderOff),
  }
  const regexes: CompiledRule[] = []
  const compiledRules = mapping.rules.map((rule, index): CompiledRule => {
    const regex = rule.matchType === 'regex' ? compileChecked(rule.match) : undefined
    const compiled = compileRule(rule, regex)
    if (regex !== undefined) regexes.push(compiled)
    else for (const type of MAPPED_TYPES) if (isFor(rule, type)) globs[type].add(rule.match, index)
    return compiled
  })

  function search(name: string, type: MappedType): MappedMetric | undefined {
    const glob = globs[type].find(name)
    const byGlob = glob && compiledRules[glob.rule]
    if (byGlob !== undefined) return fill(byGlob, glob?.captures ?? [])
    for (const compiled of regexes) {
      const match = isFor(compiled.rule, type) ? compiled.regex?.exec(name) : null
      if (match) return fill(compiled, match)
    }
    return undefined
  }

  const remembered = new Map<string, MappedMetric | null>()
  return {
    find(name, type) {
      if (compiledRules.length === 0) return undefined
      const key = `${type} ${name}`
      const known = remembered.get(key)
      if (known !== undefined) return known ?? undefined
      const found = search(name, type)
      if (name.length <= LONGEST_REMEMBERED) {
        if (remembered.size >= MOST_REMEMBERED) remembered.clear()
        remembered.set(key, found ?? null)
      }
      return found
    },
  }
}

const MOST_REMEMBERED = 10_000
const LONGEST_REMEMBERED = 1_000

interface CompiledRule {
  readonly rule: MappingRule
  readonly regex: LinearRegex | undefined
  readonly name: Template
  readonly labels: readonly (readonly [key: string, value: Template])[]
}

function compileRule(rule: MappingRule, regex: LinearRegex | undefined): CompiledRule {
  const groupNumbers = regex?.groupNumbers ?? new Map<string, number>()
  return {
    rule,
    regex,
    name: compileTemplate(rule.name, groupNumbers),
    labels: rule.labels.map(([key, template]) => [key, compileTemplate(template, groupNumbers)] as const),
  }
}

function compileChecked(pattern: string): LinearRegex {
  const regex = compileLinearRegex(pattern)
  if ('problem' in regex) throw new Error(`BUG: a pattern that was not checked: ${regex.problem}`)
  return regex
}

function isFor(rule: MappingRule, type: MappedType): boolean {
  return rule.metricType === undefined || rule.metricType === type
}

function fill({ rule, name, labels }: CompiledRule, captures: Captures): MappedMetric {
  return {
    rule,
    name: name(captures),
    labels: labels.map(([key, value]) => [key, value(captures)] as const),
  }
}
