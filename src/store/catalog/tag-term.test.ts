import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { tagsOf } from './tag-index.ts'
import { parseTagTerm } from './tag-term.ts'

interface Vectors {
  readonly paths: readonly { readonly path: string; readonly tags?: Record<string, string> }[]
  readonly tagspecs: readonly { readonly expr: string; readonly parsed: readonly string[] | null }[]
}

const vectors = JSON.parse(
  readFileSync(new URL('./testdata/graphite-tags.json', import.meta.url), 'utf8'),
) as Vectors

describe("Graphite's own answers", () => {
  test.each(vectors.tagspecs)('the expression $expr', ({ expr, parsed }) => {
    if (parsed === null) {
      expect(() => parseTagTerm(expr)).toThrow(expect.objectContaining({ code: 'request-invalid' }))
      return
    }
    const [tag = '', operator = '', operand = ''] = parsed
    const term = parseTagTerm(expr)
    const isRegex = operator.endsWith('~')
    expect(term).toMatchObject({ tag, literal: isRegex ? undefined : operand })
    if (!isRegex) expect(term.matches(operand)).toBe(operator === '=')
    expect(term.needsTag).toBe(!term.matches(''))
  })

  // A path that Graphite refuses is refused before it is a series; in the OpenMetrics form it is written anew before that.
  test.each(vectors.paths.filter(({ path, tags }) => tags !== undefined && !path.includes('{')))(
    'the tags of $path',
    ({ path, tags }) => {
      expect(Object.fromEntries(tagsOf(path))).toEqual(tags)
    },
  )
})

test.each([
  ['host=~web', ['web', 'web1', 'website'], ['', 'aweb', 'Web']],
  ['host=~^web$', ['web'], ['web1', 'aweb']],
  ['host=~a|b', ['a', 'ab', 'b'], ['xa', 'xb']],
  ['host=~^a|b', ['a', 'b'], ['xb']],
  ['host=~(?i)WEB', ['web', 'WEB1'], ['a']],
  ['host!=~web', ['', 'aweb'], ['web', 'web1']],
  ['host=~', ['', 'anything'], []],
  ['host!=~', [], ['', 'anything']],
])('%s', (expression, matching, others) => {
  const term = parseTagTerm(expression)
  for (const value of matching) expect(term.matches(value)).toBe(true)
  for (const value of others) expect(term.matches(value)).toBe(false)
})
