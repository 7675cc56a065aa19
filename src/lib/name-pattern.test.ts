import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CapturingPattern, compileCapturingPattern, compileNamePattern } from './name-pattern.ts'

function matches(pattern: string, name: string): boolean {
  const compiled = compileNamePattern(pattern)
  if (!compiled.isCompiled) throw new Error(`the pattern ${compiled.limit}`)
  return compiled.pattern.matches(name.split('.'))
}

function capturing(pattern: string): CapturingPattern {
  const compiled = compileCapturingPattern(pattern)
  if (!compiled.isCompiled) throw new Error(`the pattern ${compiled.limit}`)
  return compiled.pattern
}

test.each<[string, string[], string[]]>([
  ['api', ['api'], ['api.web', 'apis', 'API', '']],
  ['api.*', ['api.web', 'api.'], ['api', 'api.web.hits']],
  ['api.**', ['api.web', 'api.web.hits', 'api.a.b.c.d'], ['api', 'apis.web']],
  ['**', ['api', 'api.web', ''], []],
  ['**.hits', ['web.hits', 'api.web.hits', 'hits.hits'], ['hits', 'api.hits.x', 'api.whits']],
  ['a.**.b.**.c', ['a.x.b.y.c', 'a.b.b.b.c', 'a.b.c.b.c.c'], ['a.b.c', 'a.b.b.c', 'a.x.b.c']],
  ['**.**', ['a.b', 'a.b.c'], ['a']],
  ['**.*.b', ['x.a.b', 'x.y.z.b'], ['a.b']],
  ['a**b', ['ab', 'axb'], ['a.b', 'a.x.b']],
  ['web[0-3]', ['web0', 'web3'], ['web4', 'web[0-3]']],
  ['web?', ['web1', 'webé', 'web🔑'], ['web', 'web12']],
  ['{api,web}.hits', ['api.hits', 'web.hits'], ['db.hits']],
  ['{api.debug,web.trace}.**', ['api.debug.x', 'web.trace.x.y'], ['api.trace.x', 'api.debug']],
  ['{a*,b}.c', ['abc.c', 'b.c'], ['bc.c']],
  ['__proto__.constructor', ['__proto__.constructor'], ['a.constructor']],
  ['a\\.b', ['a\\.b'], ['a.b']],
  ['.*', ['.a'], ['a']],
])('the pattern %s', (pattern, matching, others) => {
  expect(matching.filter((name) => !matches(pattern, name))).toEqual([])
  expect(others.filter((name) => matches(pattern, name))).toEqual([])
})

describe('what a pattern takes out of a name', () => {
  test.each<[string, string, string[] | undefined]>([
    ['a.*.b.*', 'a.x.b.y', ['x', 'y']],
    ['a.*.b.*', 'a.x.c.y', undefined],
    ['servers.**', 'servers.fra.web1.cpu', ['fra.web1.cpu']],
    ['**.count', 'a.b.count', ['a.b']],
    ['**.x.**', 'a.x.b.x.c', ['a', 'b.x.c']],
    ['*-*', 'a-b-c', ['a', 'b-c']],
    ['*-*-', 'a-b-c-', ['a', 'b-c']],
    ['web{1,2}-*', 'web2-fra', ['2', 'fra']],
    ['{a,ab}{c,bc}', 'abc', ['a', 'bc']],
    ['{a,ab}c', 'abc', ['ab']],
    ['{a,}{b,}x', 'x', ['', '']],
    ['{a{b,c},d}', 'ac', ['ac']],
    ['a{1}', 'a1', ['1']],
    ['web[0-9]?.*', 'web12.cpu', ['cpu']],
    ['a**b', 'axyb', ['xy']],
    ['*', '', ['']],
    ['*é*', 'aéü', ['a', 'ü']],
    ['*🔑*', 'a🔑b', ['a', 'b']],
    ['*.{x,y}}', '__proto__.y}', ['__proto__', 'y']],
  ])('%s out of %s', (pattern, name, captures) => {
    expect(capturing(pattern).capture(name.split('.'))).toEqual(captures)
  })

  test.each([
    ['{a.b,c}.*', 'has a dot inside braces'],
    ['a.{b,c*}', 'has wildcards inside braces'],
    ['a.{b,[cd]}', 'has wildcards inside braces'],
    ['[{a,b}]', 'has braces behind an open bracket'],
    ['{a,b}'.repeat(14), 'stands for more than 10000 alternatives'],
  ])('nothing can be taken by %s', (pattern, limit) => {
    expect(compileCapturingPattern(pattern)).toEqual({ isCompiled: false, limit })
  })

  const nodePart = fc.constantFrom(
    '*',
    '**',
    'a',
    'b',
    '?',
    '[ab]',
    '[!a]',
    '{a,b}',
    '{a,ab,}',
    '{',
    ']',
    '-',
  )
  const pattern = fc
    .array(fc.array(nodePart, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 })
    .map((nodes) => nodes.map((parts) => parts.join('')).join('.'))
  const name = fc.array(fc.stringMatching(/^[ab-]{0,5}$/), { minLength: 1, maxLength: 5 })

  test('a name that matches gives one text for each wildcard; one that does not gives none', () => {
    fc.assert(
      fc.property(pattern, name, (text, nodes) => {
        const compiled = compileCapturingPattern(text)
        if (!compiled.isCompiled) return
        const captures = compiled.pattern.capture(nodes)
        expect(captures !== undefined).toBe(matches(text, nodes.join('.')))
        if (captures !== undefined) expect(captures).toHaveLength(compiled.pattern.captureCount)
      }),
      { numRuns: 500 },
    )
  })

  test('what is taken, put in place of the wildcards, is the name again', () => {
    const wildcard = fc.constantFrom('*', 'a', 'b', '-', '{a,b}', '{a,ab,}')
    const simple = fc.array(wildcard, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(simple, fc.stringMatching(/^[ab-]{0,8}$/), (text, node) => {
        const captures = capturing(text).capture([node])
        if (captures === undefined) return
        let index = 0
        expect(text.replace(/\*+|\{[^}]*\}/g, () => captures[index++] ?? '')).toBe(node)
      }),
      { numRuns: 500 },
    )
  })
})

test.each([
  ['stars within a node', `${'*a'.repeat(200)}b`, 'a'.repeat(5000)],
  ['stars between nodes', `${'**.a.'.repeat(90)}b`, 'a.'.repeat(2000)],
  ['a thousand nodes', '**.x.**', Array.from({ length: 1000 }, (_, index) => `n${index}`).join('.')],
])('a pattern made to be slow is not: %s', (_, pattern, name) => {
  expect(matches(pattern, name)).toBe(false)
  expect(capturing(pattern).capture(name.split('.'))).toBeUndefined()
})
