import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type * as z from 'zod'
import { sanitiseName } from '../formats/graphite-plaintext/sanitise-name.ts'
import { formatSeriesKey, parseSeriesKey } from '../model/series-key.ts'
import { createIntakeRules, type IntakeRules } from './intake-rules.ts'
import { intakeRulesOptions } from './options.ts'
import { ADMITTED_TYPES, type AdmittedType } from './admitted-type.ts'

type Written = NonNullable<z.input<typeof intakeRulesOptions>>

function rulesOf(...rules: Written): IntakeRules {
  return createIntakeRules(intakeRulesOptions.parse(rules))
}

describe('what is let in', () => {
  test.each<[string, Written, string[], string[]]>([
    ['without rules everything', [], ['a', 'a;b=c'], []],
    ['what is not excluded', [{ exclude: 'debug.**' }], ['debug', 'a.debug.x'], ['debug.x', 'debug.x.y;a=b']],
    ['what is included, and nothing else', [{ include: 'api.**' }], ['api.a'], ['api', 'b']],
    [
      'an include before an exclude is an exception',
      [{ include: 'debug.keep' }, { exclude: 'debug.**' }, { include: '**' }],
      ['debug.keep', 'a'],
      ['debug.x'],
    ],
    [
      'an include behind an exclude is not',
      [{ exclude: 'debug.**' }, { include: 'debug.keep' }],
      [],
      ['debug.keep'],
    ],
    ['an exclude of some types', [{ exclude: '**', types: ['timer', 'untyped'] }], ['a'], []],
    ['an exclude of counters', [{ exclude: 'a', types: ['counter'] }], ['b'], ['a']],
    [
      'by a tag',
      [{ exclude: '**', tags: { env: 'dev*' } }],
      ['a', 'a;env=prod', 'a;xenv=dev'],
      ['a;env=dev', 'a;env=dev.1'],
    ],
    [
      'by several tags',
      [{ exclude: '**', tags: { a: '1', b: '{2,3}' } }],
      ['x;a=1', 'x;a=1;b=4'],
      ['x;a=1;b=3'],
    ],
    ['without a tag', [{ exclude: '**', tags: { team: '' } }], ['x;team=a'], ['x', 'x;a=b']],
    ['any value of a tag', [{ exclude: '**', tags: { user: '*' } }], ['x'], ['x;user=1']],
    [
      'tags named as objects have them',
      [{ exclude: '**', tags: { constructor: '*' } }],
      ['x;a=b', 'constructor'],
      ['x;constructor=1'],
    ],
  ])('%s', (_, written, admitted, refused) => {
    const rules = rulesOf(...written)
    expect(admitted.map((key) => rules.admit(key, 'counter'))).toEqual(admitted)
    expect(refused.filter((key) => rules.admit(key, 'counter') !== undefined)).toEqual([])
  })

  test('a tag named __proto__ is a tag', () => {
    const written = JSON.parse('[{"exclude":"**","tags":{"__proto__":"x"}}]') as Written
    expect(rulesOf(...written).admit('a;__proto__=x', 'gauge')).toBeUndefined()
    expect(rulesOf(...written).admit('a', 'gauge')).toBe('a')
  })

  test('types are told apart where a rule does', () => {
    const rules = rulesOf({ exclude: 'a', types: ['set', 'untyped'] })
    const admitted = ADMITTED_TYPES.filter((type) => rules.admit('a', type) !== undefined)
    expect(admitted).toEqual(['counter', 'gauge', 'timer'])
  })
})

describe('under which name', () => {
  test.each<[string, Written, string, string]>([
    ['captures', [{ rename: 'a.*.b.*', to: 'x.$2.$1' }], 'a.1.b.2;t=v', 'x.2.1;t=v'],
    ['braces around a number', [{ rename: 'a.*', to: 'x.${1}0' }], 'a.1', 'x.10'],
    ['a dollar alone', [{ rename: 'a.*', to: 'x$.$y.${z}.$1' }], 'a.1', 'x$.$y.${z}.1'],
    ['all that is below', [{ rename: 'old.**', to: 'new.$1' }], 'old.a.b', 'new.a.b'],
    [
      'no captures: many names become one',
      [{ rename: '{user.*,guest.{a,b*}}.hits', to: 'hits' }],
      'guest.bob.hits',
      'hits',
    ],
    ['what comes out empty is dropped', [{ rename: 'a*.b*.c', to: '$1.$2.c' }], 'a.bx.c', 'x.c'],
    ['a name of which nothing would be left stays', [{ rename: 'a*', to: '$1' }], 'a', 'a'],
    [
      'the first rename that matches',
      [
        { rename: 'b', to: 'c' },
        { rename: 'a.*', to: 'b' },
        { rename: 'b', to: 'd' },
      ],
      'a.x',
      'b',
    ],
    ['a capture that looks like a hole', [{ rename: 'a.*.*', to: '$1.$2' }], 'a.$2.x', '$2.x'],
    [
      'tags added, sorted among the others',
      [{ match: '**', add_tags: { m: '1', a: '2' } }],
      'x;k=v',
      'x;a=2;k=v;m=1',
    ],
    ['a tag replaced', [{ match: '**', add_tags: { k: 'new' } }], 'x;k=v', 'x;k=new'],
    [
      'tags from the name',
      [{ match: 'servers.*.**', add_tags: { host: '$1' } }],
      'servers.web1.cpu',
      'servers.web1.cpu;host=web1',
    ],
    ['a value that comes out empty', [{ match: 'a*', add_tags: { rest: '$1', b: 'c' } }], 'a', 'a;b=c'],
    ['tags dropped', [{ match: '**', drop_tags: ['host', 'pod_*'] }], 'x;env=p;host=a;pod_id=1', 'x;env=p'],
    [
      'all dropped, then one added',
      [{ match: '**', drop_tags: ['*'], add_tags: { a: 'b' } }],
      'x;c=d',
      'x;a=b',
    ],
    [
      'rename, then tags by the new name',
      [
        { rename: 'a', to: 'b' },
        { match: 'b', add_tags: { t: '1' } },
      ],
      'a',
      'b;t=1',
    ],
    [
      'tags by the old name, then rename',
      [
        { match: 'a', add_tags: { t: '1' } },
        { rename: 'a', to: 'b' },
      ],
      'a',
      'b;t=1',
    ],
    [
      'rename what has a tag just added',
      [
        { match: 'a', add_tags: { t: '1' } },
        { rename: '**', to: 'b', tags: { t: '1' } },
      ],
      'a',
      'b;t=1',
    ],
    [
      'names that objects have',
      [{ rename: '__proto__.*', to: 'constructor.$1' }],
      '__proto__.toString',
      'constructor.toString',
    ],
  ])('%s', (_, written, key, wanted) => {
    expect(rulesOf(...written).admit(key, 'counter')).toBe(wanted)
  })

  test('a later verdict is about the new name, an earlier one about the old', () => {
    const after = rulesOf({ rename: 'a.**', to: 'b.$1' }, { exclude: 'b.**' })
    const before = rulesOf({ exclude: 'b.**' }, { rename: 'a.**', to: 'b.$1' })
    expect([after.admit('a.x', 'counter'), before.admit('a.x', 'counter')]).toEqual([undefined, 'b.x'])
  })

  test('a name does not grow past what a line could hold', () => {
    const rules = rulesOf({ rename: '*', to: '$1'.repeat(100) })
    const name = 'n'.repeat(1000)
    expect(rules.admit(name, 'counter')).toBe(name)
    expect(rules.admit('n', 'counter')).toBe('n'.repeat(100))
  })
})

describe('how a decision comes about', () => {
  test('each rule that matched, and what it left', () => {
    const rules = rulesOf(
      { exclude: 'debug.**' },
      { rename: 'a.*', to: 'b.$1' },
      { match: 'b.**', add_tags: { t: '1' } },
      { rename: 'b.*', to: 'c.$1' },
      { include: 'b.x' },
    )
    expect(rules.explain('a.x', 'timer')).toEqual({
      key: 'a.x',
      type: 'timer',
      steps: [
        { rule: 1, verb: 'rename', isTooLate: false, key: 'b.x' },
        { rule: 2, verb: 'match', isTooLate: false, key: 'b.x;t=1' },
        { rule: 3, verb: 'rename', isTooLate: true, key: 'b.x;t=1' },
        { rule: 4, verb: 'include', isTooLate: false, key: 'b.x;t=1' },
      ],
      admittedAs: 'b.x;t=1',
    })
    expect(rules.explain('debug.x', 'timer')).toEqual({
      key: 'debug.x',
      type: 'timer',
      steps: [{ rule: 0, verb: 'exclude', isTooLate: false, key: undefined }],
      admittedAs: undefined,
      refusedBy: 'exclude',
    })
    expect(rules.explain('a.y', 'timer')).toMatchObject({ admittedAs: undefined, refusedBy: 'no_include' })
    expect(rules.explain('y', 'timer')).toMatchObject({ steps: [], refusedBy: 'no_include' })
  })

  test('an exclude that comes too late refuses nothing', () => {
    const rules = rulesOf({ include: '**' }, { exclude: 'a' })
    expect(rules.explain('a', 'set')).toMatchObject({
      steps: [
        { verb: 'include', isTooLate: false },
        { verb: 'exclude', isTooLate: true, key: 'a' },
      ],
      admittedAs: 'a',
    })
  })
})

describe('whatever the rules and the names', () => {
  const node = fc.constantFrom('a', 'b', '__proto__', 'é', '$1', '*', '[x', '{y', 'a~b')
  const name = fc.array(node, { minLength: 1, maxLength: 4 }).map((nodes) => nodes.join('.'))
  const tags = fc.array(fc.tuple(fc.constantFrom('k', '__proto__', 'z'), fc.constantFrom('1', '~x', 'dev')), {
    maxLength: 3,
  })
  const key = fc.tuple(name, tags).map(([text, pairs]) => formatSeriesKey(text, pairs))
  const pattern = fc
    .array(fc.constantFrom('**', '*', 'a', 'a*', '{a,b}', '[ab]', '?'), { minLength: 1, maxLength: 3 })
    .map((nodes) => nodes.join('.'))
  const scope = {
    types: fc.constantFrom(undefined, ['counter' as const]),
    tags: fc.constantFrom(undefined, { k: '1' }, { z: '' }),
  }
  const rule = fc.oneof(
    fc.record({ include: pattern, ...scope }),
    fc.record({ exclude: pattern, ...scope }),
    fc.record({ rename: pattern, to: fc.constantFrom('x', 'x..y', '.$1', 'b.$1', '$1$1'), ...scope }),
    fc.record({ match: pattern, add_tags: fc.constantFrom({ n: 'v' }, { k: '$1', a: 'x$1' }), ...scope }),
    fc.record({ match: pattern, drop_tags: fc.constantFrom(['k'], ['*'], ['_*', 'z']), ...scope }),
  )
  const types = fc.constantFrom<AdmittedType>('counter', 'untyped')

  test('a decision is the same cached, uncached and explained, and what it leaves is canonical and sane', () => {
    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 6 }),
        fc.array(fc.tuple(key, types), { maxLength: 8 }),
        (written, asked) => {
          // A hole may be more than a pattern has wildcards: such a rule is none.
          const checked = written.flatMap((one) => intakeRulesOptions.safeParse([one]).data ?? [])
          const rules = createIntakeRules(checked)
          const first = asked.map(([text, type]) => rules.admit(text, type))
          expect(asked.map(([text, type]) => rules.admit(text, type))).toEqual(first)
          const alone = asked.map(([text, type]) => createIntakeRules(checked).admit(text, type))
          expect(alone).toEqual(first)
          expect(asked.map(([text, type]) => rules.explain(text, type).admittedAs)).toEqual(first)
          for (const admitted of first) {
            if (admitted === undefined) continue
            const parsed = parseSeriesKey(admitted)
            expect(formatSeriesKey(parsed.name, parsed.tags)).toBe(admitted)
            expect(sanitiseName(parsed.name)).toBe(parsed.name)
            expect(parsed.name).not.toBe('')
            expect(parsed.tags.filter(([tagKey, value]) => tagKey === '' || value === '')).toEqual([])
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('rules that cannot be meant', () => {
  test.each<[string, unknown, string]>([
    ['no verb', { types: ['counter'] }, 'just one of the keys include, exclude, rename, match'],
    ['two verbs', { include: 'a', exclude: 'b' }, 'just one of the keys include, exclude, rename, match'],
    ['a rename to nothing', { rename: 'a' }, 'to: the new name'],
    ['a key of another verb', { exclude: 'a', to: 'b' }, 'to: no such key here: it goes with rename'],
    ['no change of tags', { match: 'a' }, 'add_tags or drop_tags beside match'],
    ['a hole too many', { rename: '*.*', to: '$3' }, 'to: $1 to $2 at most'],
    ['a hole 0', { rename: '*', to: '$0' }, 'to: $1 at most'],
    ['a hole and no wildcard', { rename: 'a', to: '$1' }, 'to: no $1: rename has no wildcard'],
    ['a hole of a huge number', { rename: '*', to: '$99999999999999999999' }, 'to: $1 at most'],
    [
      'tags in a name',
      { rename: 'a', to: 'b;c=d' },
      'to: a name without white space, control characters and ";"',
    ],
    [
      'a name with an escape',
      { rename: 'a', to: 'b\u001b' },
      'to: a name without white space, control characters and ";"',
    ],
    [
      'an insane key',
      { match: 'a', add_tags: { 'a=b': 'c' } },
      'add_tags.a=b: a key that is not empty, without white space, control characters and any of "~;=!^"',
    ],
    [
      'an empty value',
      { match: 'a', add_tags: { a: '' } },
      'add_tags.a: a value that is not empty, without white space, control characters, ";" and "~" in front',
    ],
    ['a number', { match: 'a', add_tags: { a: 1 } }, 'add_tags.a: text; put it in quotes'],
    ['no tags', { exclude: 'a', tags: {} }, 'tags: a section of 1 to 100 tags'],
    [
      'too many alternatives',
      { exclude: '{a,b}'.repeat(14) },
      'exclude: a simpler pattern: this one stands for more than 10000 alternatives',
    ],
    [
      'parts that cannot be told apart',
      { rename: '{a.b,c}.*', to: '$1' },
      'rename: a pattern whose parts can be told apart: this one has a dot inside braces',
    ],
    ['a long pattern', { exclude: 'a'.repeat(501) }, 'exclude: a pattern of 1 to 500 characters'],
  ])('%s', (_, rule, problem) => {
    const { error } = intakeRulesOptions.safeParse([rule])
    const problems = error?.issues.map(({ path, message }) =>
      [path.slice(1).join('.'), message].filter(Boolean).join(': '),
    )
    expect(problems).toEqual([problem])
  })
})
