import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { expandBraces } from './brace-expansion.ts'
import { compilePathGlob, createNodeMatcher, MAX_PATTERN_CHARACTERS } from './glob.ts'

interface Vectors {
  readonly names: readonly string[]
  readonly vectors: readonly { pattern: string; expanded: string[]; matches: string[] }[]
}

const { names, vectors } = JSON.parse(
  readFileSync(new URL('./testdata/graphite-glob.json', import.meta.url), 'utf8'),
) as Vectors

describe("Graphite's own answers", () => {
  test.each(vectors)('$pattern', ({ pattern, expanded, matches }) => {
    const expansion = expandBraces(pattern)
    const texts = expansion.isExpanded ? expansion.texts : []
    expect([...texts].sort()).toEqual([...expanded].sort())
    const matcher = createNodeMatcher(texts)
    expect(names.filter((name) => matcher.matches(name))).toEqual(
      names.filter((name) => matches.includes(name)),
    )
  })
})

test.each([
  ['[]a]', ['a', ']'], ['b', '[', '']],
  ['[!]a]', ['b', '!'], ['a', ']']],
  ['[a-c-e]', ['a', 'b', 'c', '-', 'e'], ['d']],
  ['[!z-a]', ['a', 'm'], ['', 'ab']],
  ['[\\]', ['\\'], [']', 'a']],
  ['a\\*', ['a\\', 'a\\b'], ['a*']],
  ['?', ['🔑', 'é'], ['', 'ab']],
  ['[🔑-🔓]', ['🔑', '🔓'], ['a', '\ud83d']],
  ['[!a]', ['🔑'], ['a', '🔑🔑']],
  ['*🔑*', ['🔑', 'a🔑b'], ['🔒']],
  ['a*b*c', ['abc', 'a-b-bc', 'abcabc'], ['acb', 'abcd']],
  ['*ab', ['ab', 'aab', 'abab'], ['aba']],
  ['', [''], ['a']],
])('the node pattern %s', (pattern, matching, others) => {
  const matcher = createNodeMatcher([pattern])
  expect(matching.filter((name) => !matcher.matches(name))).toEqual([])
  expect(others.filter((name) => matcher.matches(name))).toEqual([])
})

test('a node without wildcards says what it can be', () => {
  expect(createNodeMatcher(['a', 'b', 'a']).literals).toEqual(['a', 'b'])
  expect(createNodeMatcher(['a[']).literals).toEqual(['a['])
  expect(createNodeMatcher(['a', 'b*']).literals).toBeUndefined()
})

test('a node matches its own text, and is looked up if it is nothing else', () => {
  const nodeOf = (pattern: string) => {
    const glob = compilePathGlob(pattern)
    return glob.isCompiled ? glob.alternatives[0]?.[0] : undefined
  }
  expect(nodeOf('{x,y}')?.literals).toEqual(['x', 'y', '{x,y}'])
  expect(nodeOf('a[1]')?.matches('a[1]')).toBe(true)
  expect(nodeOf('a[1]')?.matches('a1')).toBe(true)
  expect(nodeOf('a[1]')?.matches('a[')).toBe(false)
})

test.each([
  [['web*'], 'web'],
  [['web[12]', 'we?'], 'we'],
  [['web1', 'web2'], 'web'],
  [['web*', 'db'], ''],
  [['*'], ''],
  [['🔑a*', '🔑b?'], '🔑'],
  [[`${'a'.repeat(100)}*`], 'a'.repeat(64)],
])('what matches %j begins with the same', (patterns, prefix) => {
  expect(createNodeMatcher(patterns).prefix).toBe(prefix)
  expect(createNodeMatcher(patterns, 'x*').prefix).toBe('')
})

test('a budget ends what costs too much', () => {
  const budget = { stepsLeft: 1_000 }
  const matcher = createNodeMatcher([`*${'a'.repeat(400)}[b]`])
  expect(matcher.matches('a'.repeat(1_000), budget)).toBe(false)
  expect(budget.stepsLeft).toBe(-1)
  expect(matcher.matches(`${'a'.repeat(400)}b`, { stepsLeft: 1_000 })).toBe(true)
})

test('a path is divided at dots, those in braces first', () => {
  const depthsOf = (pattern: string): number[] => {
    const glob = compilePathGlob(pattern)
    return glob.isCompiled ? glob.alternatives.map((nodes) => nodes.length) : []
  }
  expect(depthsOf('a.b.c')).toEqual([3])
  expect(depthsOf('a.{b,c}.d')).toEqual([3])
  // The last is the text itself.
  expect(depthsOf('{a.b,c}.d')).toEqual([3, 2, 3])
  expect(depthsOf('{a.{b.c,d},e}')).toEqual([3, 2, 1, 3])
  expect(depthsOf('{a.b')).toEqual([2])
  expect(depthsOf('a[.]b')).toEqual([2])
  expect(depthsOf('..')).toEqual([3])
})

test('a pattern that asks for too much is a failure that says why', () => {
  for (const pattern of [
    'a'.repeat(MAX_PATTERN_CHARACTERS + 1),
    'x.{a,b}'.repeat(20),
    `${'{a.b,c}'.repeat(20)}`,
  ]) {
    const glob = compilePathGlob(pattern)
    if (pattern.startsWith('x.')) expect(glob.isCompiled).toBe(true)
    else
      expect(glob).toMatchObject({
        isCompiled: false,
        limit: expect.stringMatching(/^(is|stands) /) as string,
      })
  }
})

test('no pattern takes more than a moment', () => {
  const name = `${'a'.repeat(4_000)}b`
  for (const pattern of [
    '*a'.repeat(1_000),
    '*?'.repeat(1_000),
    '*[!b]'.repeat(500),
    `${'*'.repeat(60_000)}c`,
  ]) {
    expect(createNodeMatcher([`${pattern}c`]).matches(name)).toBe(false)
  }
})

test('wildcards mean what a regular expression of them means', () => {
  const piece = fc.constantFrom('a', 'b', '*', '?', '[ab]', '[!a]', '[b-a]', '-')
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-'), maxLength: 8 })
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 7 }), text, (pieces, name) => {
      expect(createNodeMatcher([pieces.join('')]).matches(name)).toBe(asRegularExpression(pieces).test(name))
    }),
    { numRuns: 500 },
  )
})

test('any text is a pattern', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...Array.from('ab.*?[]{},!-🔑')) }), (pattern) => {
      const glob = compilePathGlob(pattern)
      expect(glob.isCompiled && glob.alternatives.length > 0).toBe(true)
    }),
    { numRuns: 500 },
  )
})

function asRegularExpression(pieces: readonly string[]): RegExp {
  const sources: Record<string, string> = { '*': '.*', '?': '.', '[!a]': '[^a]', '[b-a]': '(?!)', '-': '-' }
  return new RegExp(`^${pieces.map((piece) => sources[piece] ?? piece).join('')}$`, 'u')
}
