import { compileNamePattern, type Compiled, type NamePattern } from '../../lib/name-pattern.ts'
import { compileTextPattern, type TextPattern } from '../../lib/text-pattern.ts'
import type { Tag } from '../../model/series-key.ts'

/**
 * The pattern of a series as one text: that of its name, as intake rules have it, then what its tags have to be.
 *
 *   stats.timers.**;env=prod*;canary=
 *   ^^^^^^^^^^^^^^^                     the name, node by node (see lib/name-pattern.ts)
 *                   ^^^^^^^^^           the whole value of the tag `env`
 *                             ^^^^^^^   there is no tag `canary`
 *
 * Tags that it does not mention may be whatever they are.
 */
export interface SeriesPattern {
  matches(nodes: readonly string[], tags: readonly Tag[]): boolean
}

export function compileSeriesPattern(text: string): Compiled<SeriesPattern> {
  const [nameText = '', ...tagTexts] = text.split(';')
  const name = compileNamePattern(nameText)
  if (!name.isCompiled) return name
  const wanted: WantedTag[] = []
  for (const tagText of tagTexts) {
    const equals = tagText.indexOf('=')
    if (equals < 1)
      return { isCompiled: false, limit: `has "${tagText}" where a tag such as env=prod belongs` }
    const value = compileTextPattern(tagText.slice(equals + 1))
    if (!value.isCompiled) return value
    const isAbsence = equals === tagText.length - 1
    wanted.push({ key: tagText.slice(0, equals), value: isAbsence ? 'no tag' : value.pattern })
  }
  return { isCompiled: true, pattern: withTags(name.pattern, wanted) }
}

interface WantedTag {
  readonly key: string
  readonly value: TextPattern | 'no tag'
}

function withTags(name: NamePattern, wanted: readonly WantedTag[]): SeriesPattern {
  return {
    matches: (nodes, tags) =>
      name.matches(nodes) &&
      wanted.every(({ key, value }) => {
        const found = tags.find(([tagKey]) => tagKey === key)?.[1]
        if (value === 'no tag') return found === undefined
        return found !== undefined && value.matches(found)
      }),
  }
}
