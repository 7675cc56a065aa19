import { excerpt } from '../../lib/excerpt.ts'
import { compileLinearRegex, type LinearRegex } from '../../lib/linear-regex.ts'
import { type IniOption, type IniSection, parseIni } from './parse-ini.ts'
import type { RuleFile, RuleOrigin } from './rule-book-source.ts'
import type { RuleProblem } from './rule-problem.ts'

/** A rule as carbon has it: the first whose pattern is found anywhere in a series' key is the series'. */
export interface Rule<What> {
  readonly origin: RuleOrigin
  readonly pattern: LinearRegex
  /** The pattern as it stands there. */
  readonly source: string
  readonly says: What
}

export interface RuleKind<What> {
  /** Names of options in lower case. Others are not used, and warned of. */
  readonly options: readonly string[]
  /** Used by other programs that read such files; nothing is said about them. */
  readonly foreignOptions: readonly string[]
  readonly requires: readonly string[]
  /** Undefined if `complain` was called. */
  read(section: SectionReader): What | undefined
}

export interface SectionReader {
  readonly get: (option: string) => string | undefined
  readonly complain: (option: string, problem: string) => undefined
}

export interface ReadRules<What> {
  readonly rules: readonly Rule<What>[]
  readonly problems: readonly RuleProblem[]
  /** Whole sentences. */
  readonly warnings: readonly string[]
}

/** Reads every rule there is, and goes on behind one that is wrong, so that all problems are found at once. */
export function readRules<What>({ path, text }: RuleFile, kind: RuleKind<What>): ReadRules<What> {
  const { sections, problems: iniProblems } = parseIni(text)
  const problems: RuleProblem[] = iniProblems.map((problem) => ({ path, ...problem }))
  const warnings: string[] = []
  const rules = sections.flatMap((section): Rule<What>[] => {
    const before = problems.length
    const pattern = readPattern(section)
    const says = kind.read({
      get: (option) => optionOf(section, option)?.value,
      complain: (option, problem) => complain(section, option, problem),
    })
    for (const option of ['pattern', ...kind.requires]) {
      if (optionOf(section, option) === undefined) complain(section, option, 'it is missing')
    }
    for (const [option, { value, line }] of section.options) {
      if (value.includes('%('))
        complain(
          section,
          option,
          `${show(value)} takes over another option by %(...)s, which is not supported`,
        )
      if (![...kind.options, ...kind.foreignOptions, 'pattern'].includes(option))
        warnings.push(
          `${path}:${line}  [${show(section.name)}] ${show(option)} is not known and changes nothing.`,
        )
    }
    const source = optionOf(section, 'pattern')?.value
    if (problems.length > before || pattern === undefined || source === undefined || says === undefined)
      return []
    return [{ origin: { path, line: section.line, section: section.name }, pattern, source, says }]
  })
  return { rules, problems: problems.sort((a, b) => a.line - b.line), warnings }

  function readPattern(section: IniSection): LinearRegex | undefined {
    const given = optionOf(section, 'pattern')
    if (given === undefined) return undefined
    const compiled = compileLinearRegex(given.value)
    if (!('problem' in compiled)) return compiled
    return complain(section, 'pattern', `${show(given.value)} cannot be used: ${compiled.problem}`)
  }

  function complain(section: IniSection, option: string, problem: string): undefined {
    const line = optionOf(section, option)?.line ?? section.line
    problems.push({ path, line, text: `[${excerpt(section.name, 60)}] ${option}: ${problem}` })
    return undefined
  }
}

function optionOf({ options, defaults }: IniSection, option: string): IniOption | undefined {
  return options.get(option) ?? defaults.get(option)
}

/** The first that matches, as carbon searches. */
export function findRule<What>(rules: readonly Rule<What>[], seriesKey: string): Rule<What> | undefined {
  return rules.find(({ pattern }) => pattern.test(seriesKey))
}

export function show(text: string): string {
  return `"${excerpt(text, 60)}"`
}
