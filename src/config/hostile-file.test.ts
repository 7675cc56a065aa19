import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runs } from '../../test/harness/runs.ts'
import { KymoError } from '../telemetry/errors.ts'
import { loadConfig } from './load.ts'
import { readYaml } from './read-yaml.ts'

/** Loads the text as kymo.yaml; only a KymoError may come of it. */
function outcomeOf(text: string): 'loaded' | KymoError {
  try {
    loadConfig({
      command: 'start',
      argv: [],
      env: {},
      cwd: '/srv/kymo',
      readFile: () => new TextEncoder().encode(text),
      coreCount: 1,
    })
    return 'loaded'
  } catch (error) {
    if (error instanceof KymoError) return error
    throw error
  }
}

describe('a file made to do harm ends in an ordinary error', () => {
  const names = 'abcdefghi'.split('')
  const laughs = names
    .map((name, index) => `${name}: &${name} [${(index === 0 ? 'x,' : `*${names[index - 1]},`).repeat(10)}]`)
    .join('\n')

  test.each<[string, string]>([
    ['aliases that multiply', laughs],
    ['an alias of itself', 'sinks: &a [*a]'],
    ['a thousand levels', `sinks: ${'['.repeat(1000)}${']'.repeat(1000)}`],
    ['twenty thousand brackets', '['.repeat(20_000)],
    ['twenty thousand braces', '{a: '.repeat(20_000)],
    ['twenty thousand dashes', '- '.repeat(20_000)],
    ['too many values', `sinks: [${'1,'.repeat(30_000)}]`],
    ['too many keys', Array.from({ length: 30_000 }, (_, index) => `key${index}: 1`).join('\n')],
    ['one very long key', `${'k'.repeat(500_000)}: 1`],
    ['unclosed quotes', '"'.repeat(10_000)],
    ['a tag that would make an object', 'sinks: !!js/function "() => 1"'],
    ['NULs', '\0\0\0'],
    ['lone surrogates', 'listen: "\\ud800"'],
  ])('%s', (_name, text) => {
    expect(outcomeOf(text)).toMatchObject({ code: 'config-invalid' })
  })

  test('the same key ten thousand times is found in one pass', () => {
    const { problems } = readYaml('a: 1\n'.repeat(10_000), 'k')
    expect(problems).toHaveLength(9_999)
  })

  test('nothing reaches the prototype of objects', () => {
    const before = Object.getOwnPropertyNames(Object.prototype)
    outcomeOf(
      '__proto__: {polluted: yes}\nhttp: {__proto__: {polluted: yes}}\nconstructor: {prototype: {polluted: yes}}',
    )
    outcomeOf('"__proto__": &p {toString: 1}\nhttp: *p')
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  test('a tree has no prototype, so `__proto__` is a key like any other', () => {
    const input = readYaml('__proto__: {port: 1}\nhttp: {port: 2}', 'k').layer.input as object
    expect(Object.getPrototypeOf(input)).toBeNull()
    expect(Object.keys(input)).toEqual(['__proto__', 'http'])
  })
})

describe('whatever the file says', () => {
  const words =
    'http port sinks type graphite flush interval 10s __proto__ constructor null [ ] { } , &a *a " \' | > # !!set << ' +
    '0 -1 1e99 .nan true ${x} {count} \u202e \u0007'
  const word = fc.constantFrom(
    ...words.split(' '),
    '- ',
    ': ',
    '? ',
    '\n',
    '\n  ',
    '\t',
    '---\n',
    '%YAML 1.1\n',
  )

  test('it is loaded or refused with its problems, and neither breaks a terminal', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(word, { maxLength: 40 }).map((words) => words.join('')),
          fc.string(),
        ),
        (text) => {
          const outcome = outcomeOf(text)
          if (outcome === 'loaded') return
          expect(outcome.code).toMatch(/^(config-invalid|http-open-without-credentials)$/)
          // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
          expect(outcome.message).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
        },
      ),
      { numRuns: runs(400) },
    )
  })

  test('any tree of values is loaded or refused', () => {
    const key = fc.constantFrom('http', 'port', 'sinks', 'type', 'name', 'store', 'path', '__proto__', 'x')
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom<unknown>('graphite', 'stdout', '10s', 0, -1, 1.5, true, null),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
      ),
    }))
    fc.assert(
      fc.property(tree, (value) => {
        outcomeOf(JSON.stringify(value))
      }),
      { numRuns: runs(300) },
    )
  })
})
