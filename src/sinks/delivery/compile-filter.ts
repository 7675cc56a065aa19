import { dropEmptyNodes } from '../../formats/drop-empty-nodes.ts'
import { isPlainText } from '../../formats/plain-text.ts'
import { sanitiseTagKey, sanitiseTagValue } from '../../formats/tags.ts'
import { compileCapturingPattern, compileNamePattern } from '../../lib/name-pattern.ts'
import { parseTemplate } from '../../lib/template.ts'
import { compileTextPattern, type TextPattern } from '../../lib/text-pattern.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import { formatSeriesKey, parseSeriesKey, type SeriesKey, type Tag } from '../../model/series-key.ts'
import { compileSeriesPattern, type SeriesPattern } from './series-pattern.ts'

/** As they are written; see filter-options.ts. */
export interface FilterOptions {
  readonly include?: readonly string[] | undefined
  readonly exclude?: readonly string[] | undefined
  readonly rename?: readonly { readonly match: string; readonly replace: string }[] | undefined
  readonly drop_tags?: readonly string[] | undefined
  readonly tags?: readonly Tag[] | undefined
}

/** Who a series is to one sink: itself, another, or nobody (null). To be asked once for each. */
export type Decide = (identity: SeriesIdentity) => SeriesIdentity | null

export type CompiledFilter =
  /** undefined: everything goes through as it is. */
  | { readonly isCompiled: true; readonly decide: Decide | undefined }
  | { readonly isCompiled: false; readonly problems: readonly FilterProblem[] }

export interface FilterProblem {
  readonly path: readonly (string | number)[]
  /** Completes the sentence "found …, wanted …". */
  readonly wanted: string
}

type Refuse = (path: FilterProblem['path'], wanted: string) => void

/** No line of Graphite's is longer. Only a template that says one hole over and over makes a name longer than those it is made of. */
const MOST_NAME_CHARACTERS = 65_535

export function compileFilter(options: FilterOptions): CompiledFilter {
  const { include = [], exclude = [], rename = [], drop_tags: dropTags = [], tags = [] } = options
  const problems: FilterProblem[] = []
  const refuse: Refuse = (path, wanted) => problems.push({ path, wanted })
  const included = compilePatterns(include, 'include', refuse)
  const excluded = compilePatterns(exclude, 'exclude', refuse)
  const renames = rename.map((entry, index) => compileRename(entry, index, refuse))
  const changeTags = compileTagChange(dropTags, tags, refuse)
  if (problems.length > 0) return { isCompiled: false, problems }
  const isIdle = [include, exclude, rename, dropTags, tags].every((list) => list.length === 0)
  if (isIdle) return { isCompiled: true, decide: undefined }

  const decide: Decide = (identity) => {
    const { name, tags: itsTags } = parseSeriesKey(identity.key)
    const nodes = name.split('.')
    const isMatched = (pattern: SeriesPattern): boolean => pattern.matches(nodes, itsTags)
    if (included.length > 0 && !included.some(isMatched)) return null
    if (excluded.some(isMatched)) return null
    let newName: string | undefined
    for (const renamed of renames) if ((newName = renamed(nodes)) !== undefined) break
    const key = changeTags(identity.key, newName)
    const metricKey = changeTags(identity.metricKey, metricNameOf(identity, newName))
    return key === identity.key && metricKey === identity.metricKey
      ? identity
      : { ...identity, key, metricKey }
  }
  return { isCompiled: true, decide }
}

function compilePatterns(
  texts: readonly string[],
  option: 'include' | 'exclude',
  refuse: Refuse,
): SeriesPattern[] {
  return texts.flatMap((text, index) => {
    const compiled = compileSeriesPattern(text)
    if (compiled.isCompiled) return [compiled.pattern]
    refuse([option, index], `a simpler pattern: this one ${compiled.limit}`)
    return []
  })
}

/** Gives the new name; undefined: it is not for this one, or nothing would be left of it. */
function compileRename(
  { match, replace }: { readonly match: string; readonly replace: string },
  index: number,
  refuse: Refuse,
): (nodes: readonly string[]) => string | undefined {
  const template = parseTemplate(replace)
  if (!template.literals.every(isPlainText)) {
    refuse(['rename', index, 'replace'], 'a name without white space, control characters and ";"')
  }
  const finish = (name: string): string | undefined => {
    const whole = dropEmptyNodes(name)
    return whole === '' || whole.length > MOST_NAME_CHARACTERS ? undefined : whole
  }
  if (template.holes.length === 0) {
    const compiled = compileNamePattern(match)
    if (compiled.isCompiled) {
      return (nodes) => (compiled.pattern.matches(nodes) ? finish(template.fill([])) : undefined)
    }
    refuse(['rename', index, 'match'], `a simpler pattern: this one ${compiled.limit}`)
    return () => undefined
  }
  const compiled = compileCapturingPattern(match)
  if (!compiled.isCompiled) {
    refuse(['rename', index, 'match'], `a pattern whose parts can be told apart: this one ${compiled.limit}`)
    return () => undefined
  }
  const { captureCount } = compiled.pattern
  if (!template.holes.every((hole) => hole >= 1 && hole <= captureCount)) {
    const wanted = captureCount === 0 ? 'no $1: match has no wildcard' : `$${captureCount} at most`
    refuse(['rename', index, 'replace'], wanted)
  }
  return (nodes) => {
    const captures = compiled.pattern.capture(nodes)
    return captures === undefined ? undefined : finish(template.fill(captures))
  }
}

/** Gives a key another name, if there is one, and other tags. */
function compileTagChange(
  dropTexts: readonly string[],
  added: readonly Tag[],
  refuse: Refuse,
): (key: SeriesKey, newName: string | undefined) => SeriesKey {
  const dropped = dropTexts.flatMap((text, index): TextPattern[] => {
    const compiled = compileTextPattern(text)
    if (compiled.isCompiled) return [compiled.pattern]
    refuse(['drop_tags', index], `a simpler pattern: this one ${compiled.limit}`)
    return []
  })
  for (const [key, value] of added) {
    if (key === '' || sanitiseTagKey(key) !== key) {
      refuse(
        ['tags', key],
        'a key that is not empty, without white space, control characters and any of "~;=!^"',
      )
    } else if (value === '' || sanitiseTagValue(value) !== value) {
      refuse(
        ['tags', key],
        'a value that is not empty, without white space, control characters, ";" and "~" in front',
      )
    }
  }
  const changesTags = dropped.length + added.length > 0
  return (key, newName) => {
    if (newName === undefined && !changesTags) return key
    const { name, tags } = parseSeriesKey(key)
    const kept = tags.filter(([tagKey]) => !dropped.some((pattern) => pattern.matches(tagKey)))
    return formatSeriesKey(newName ?? name, [...kept, ...added])
  }
}

/**
 * The name that the metric has where its series is renamed. What stood before and behind it in the name of the series is
 * taken away again where it still is there: with `stats.timers.api.mean` renamed to `stats.timers.web.mean` the metric `api` is `web`.
 */
function metricNameOf({ key, metricKey }: SeriesIdentity, newName: string | undefined): string | undefined {
  if (newName === undefined) return undefined
  const { name } = parseSeriesKey(key)
  const { name: metricName } = parseSeriesKey(metricKey)
  const start = name.indexOf(metricName)
  if (start < 0) return undefined
  const before = name.slice(0, start)
  const behind = name.slice(start + metricName.length)
  const from = newName.startsWith(before) ? before.length : 0
  const to = newName.endsWith(behind) ? newName.length - behind.length : newName.length
  return from < to ? newName.slice(from, to) : newName
}
