import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KymoError } from '../../telemetry/errors.ts'
import { parseTarget } from './parse-target.ts'
import type { TargetNode } from './target-node.ts'

interface Vector {
  target: string
  ast?: unknown
  whole?: boolean
  error?: string
}

const { vectors } = JSON.parse(
  readFileSync(new URL('testdata/graphite_grammar.json', import.meta.url), 'utf8'),
) as { vectors: Vector[] }

/** Our tree in the notation of the vectors. */
function describeNode(node: TargetNode): unknown {
  switch (node.kind) {
    case 'path':
      return { path: node.path }
    case 'call':
      return { call: node.name, args: node.args.map(describeNode), kwargs: describeNamed(node.namedArgs) }
    case 'template':
      return {
        template: describeNode(node.expression),
        ...(node.args.length > 0 && { args: node.args.map((arg) => arg.value) }),
        ...(node.namedArgs.size > 0 && {
          kwargs: Object.fromEntries([...node.namedArgs].map(([name, arg]) => [name, arg.value])),
        }),
      }
    case 'number':
      return { value: node.value, type: node.isInteger ? 'int' : 'float' }
    case 'string':
      return { value: node.value, type: 'str' }
    case 'boolean':
      return { value: node.value, type: 'bool' }
    case 'none':
      return { value: null, type: 'NoneType' }
    case 'infinity':
      return { value: '+Inf', type: 'float' }
  }
}

function describeNamed(named: ReadonlyMap<string, TargetNode>): unknown {
  return Object.fromEntries([...named].map(([name, node]) => [name, describeNode(node)]))
}

function failureOf(target: string): KymoError {
  try {
    parseTarget(target)
  } catch (error) {
    if (error instanceof KymoError) return error
    throw error
  }
  throw new Error(`"${target.slice(0, 100)}" was parsed`)
}

describe('the vectors of graphite-web', () => {
  const whole = vectors.filter((vector) => vector.whole === true)
  const broken = vectors.filter((vector) => vector.whole !== true)

  // Grafana sends the first two for a variable with several values; the third is a name like any other.
  const readByUs = ['a.{b.c,d}.e', 'a.{b,{c,d}}.e', 'métrique.é']

  test('are all here', () => {
    expect([whole.length, broken.length]).toEqual([128, 35])
    expect(broken.filter(({ target }) => readByUs.includes(target))).toHaveLength(3)
  })

  test.each(readByUs)('%s, which Graphite reads in part, is a path', (target) => {
    expect(parseTarget(target)).toMatchObject({ kind: 'path', path: target })
  })

  test.each(whole)('$target has the same tree', ({ target, ast }) => {
    expect(describeNode(parseTarget(target))).toEqual(ast)
  })

  test.each(broken.filter(({ target }) => !readByUs.includes(target)))(
    '$target, which Graphite reads in part or not at all, is refused',
    ({ target }) => {
      expect(failureOf(target).code).toBe('target-invalid')
    },
  )
})

describe('failures say where they are', () => {
  const cases: [target: string, position: number, reason: RegExp][] = [
    ['', 1, /expected a name, found the end/],
    ['a..b', 3, /expected a name, found "\."/],
    ['a b', 3, /unexpected "b"/],
    ['a.{b,}', 6, /names divided by commas; found "\}"/],
    ['a.{b,{c,d}', 11, /"," or "\}" for the brace at position 3, found the end/],
    ['{'.repeat(200), 101, /nested deeper than 100/],
    ['a.{b', 5, /"," or "}" for the brace at position 3, found the end/],
    ['f(a', 4, /"," or "\)" in the arguments of f, found the end/],
    ['f(a,.5)', 5, /expected a name, found "\."/],
    ['f(k=1)', 3, /comes before those with one/],
    ['f(a,k=1,2)', 9, /come before those with one/],
    ['f(a,"open)', 5, /not closed on its line/],
    ['f("a\nb")', 3, /not closed on its line/],
    ['a|b', 3, /expected a function after "\|", found "b"/],
    ['f(none.z)', 7, /"," or "\)" in the arguments of f, found "\."/],
    ['template(true.x,b)', 14, /unexpected "\."/],
    ['f(a,1e999)', 5, /too large/],
    ['m\u00a0', 2, /unexpected "\u00a0"/],
    ['a\u0000', 2, /a control character/],
  ]
  test.each(cases)('%j at %d', (target, position, reason) => {
    const failure = failureOf(target)
    expect(failure.details.position).toBe(position)
    expect(failure.details.reason).toMatch(reason)
  })
})

test('nodes know their own text', () => {
  const target = ' scale( a.b , 10 ) | alias("x")'
  const alias = parseTarget(target)
  expect(alias.kind === 'call' && alias.name).toBe('alias')
  expect(target.slice(alias.start, alias.end)).toBe('alias("x")')
  const scale = alias.kind === 'call' ? alias.args[0] : undefined
  expect(target.slice(scale?.start, scale?.end)).toBe('scale( a.b , 10 )')
  const path = scale?.kind === 'call' ? scale.args[0] : undefined
  expect(target.slice(path?.start, path?.end)).toBe('a.b')
})

test('a backslash brings in symbols, and characters beyond ASCII', () => {
  expect(parseTarget('a\\(b\\).gr\\ö\\ße.\\😀;ort=k\\öln')).toMatchObject({
    kind: 'path',
    path: 'a(b).größe.😀;ort=köln',
  })
  expect(parseTarget('größe.{日,本.😀}')).toMatchObject({ kind: 'path', path: 'größe.{日,本.😀}' })
  expect(() => parseTarget('a\\\u0007')).toThrow(KymoError)
})

test('names of arguments are ordinary text', () => {
  const node = parseTarget('f(a,__proto__=1,constructor=2)')
  expect(node.kind === 'call' && [...node.namedArgs.keys()]).toEqual(['__proto__', 'constructor'])
})

describe('hostile targets are refused in short time', () => {
  const cases: [what: string, target: string][] = [
    ['a megabyte', 'a'.repeat(1_000_000)],
    ['deep calls', 'f('.repeat(30_000)],
    ['deep calls that close', `${'f('.repeat(101)}a${')'.repeat(101)}`],
    ['many pipes', `a${'|f()'.repeat(16_000)}`],
    ['pipes in calls in pipes', `${'f('.repeat(60)}a${'|f())'.repeat(60)}`],
    ['deep templates', `${'template('.repeat(7_000)}`],
    ['deep templates that are calls', `${'template('.repeat(101)}a${',x=b)'.repeat(101)}`],
    ['escapes in an open string', `f("${'\\xaaa'.repeat(10_000)}`],
    ['open braces', 'a.{'.repeat(20_000)],
    ['many digits', `f(${'1'.repeat(60_000)}x`],
    ['many quotes', `f(${'"'.repeat(60_000)}`],
  ]
  test.each(cases)('%s', (_what, target) => {
    const failure = failureOf(target)
    expect(failure.code).toBe('target-invalid')
    expect(failure.message.length).toBeLessThan(500)
  })

  test('a hundred nested templates are read once each', () => {
    const node = parseTarget(`${'template('.repeat(99)}a.$x${',x=b)'.repeat(99)}`)
    expect(node.kind === 'call' && node.depth).toBe(99)
  })
})

test('any text gives a tree or the error', () => {
  const piece = fc.constantFrom(
    'a',
    'b.c',
    '.',
    '*',
    '{',
    '}',
    ',',
    '(',
    ')',
    '"',
    "'",
    '\\',
    '|',
    ' ',
    '=',
    '1',
    '-1.5e3',
    'true',
    'none',
    'inf',
    'template(',
    'f(',
    '$x',
    '\n',
    'é',
    'k=',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
      const target = pieces.join('')
      try {
        parseTarget(target)
      } catch (error) {
        expect((error as KymoError).code).toBe('target-invalid')
      }
    }),
    { numRuns: 500 },
  )
})
