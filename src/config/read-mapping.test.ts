import { describe, expect, test } from 'vitest'
import { createMapper } from '../sinks/prometheus/mapper.ts'
import type { MappedType } from '../sinks/prometheus/mapping.ts'
import type { KymoError } from '../telemetry/errors.ts'
import { loadConfig } from './load.ts'
import { readMapping } from './read-mapping.ts'

const refused: readonly (readonly [what: string, yaml: string, problem: string])[] = [
  [
    'an unknown key',
    'mappings:\n- match: a\n  nam: b\n',
    'm.yml:3:3  mappings[0].nam: unknown key; did you mean "name"?',
  ],
  [
    'an unknown key of the file',
    'mapping: []\n',
    'm.yml:1:1  mapping: unknown key; did you mean "mappings"?',
  ],
  [
    'what there was once',
    'mappings:\n- match: a\n  name: b\n  timer_type: histogram\n',
    'm.yml:4:3  mappings[0].timer_type: unknown key',
  ],
  [
    'no name, though it drops',
    'mappings:\n- match: a\n  action: drop\n',
    'm.yml:2:3  mappings[0].name: is missing, wanted the name of a metric, by rules that drop as well',
  ],
  [
    'a label of one letter',
    'mappings:\n- match: a\n  name: b\n  labels:\n    x: y\n',
    'm.yml:5:8  mappings[0].labels.x: found "y", wanted another label',
  ],
  [
    'a glob in a node',
    'mappings:\n- match: a.b*\n  name: b\n',
    'm.yml:2:10  mappings[0].match: found "a.b*", wanted nodes',
  ],
  ['a regex taken as a glob', 'mappings:\n- match: .*\n  name: b\n', 'wanted nodes with dots between'],
  [
    'a regex that does not compile',
    'mappings:\n- match: "a("\n  match_type: regex\n  name: b\n',
    'wanted a regular expression',
  ],
  [
    'a regex by default',
    'defaults:\n  match_type: regex\nmappings:\n- match: "a("\n  name: b\n',
    'wanted a regular expression',
  ],
  [
    'timer as a type',
    'mappings:\n- match: a\n  name: b\n  match_metric_type: timer\n',
    'm.yml:4:22  mappings[0].match_metric_type: found "timer", wanted one of counter, gauge, observer',
  ],
  [
    'options of the other kind',
    'mappings:\n- match: a\n  name: b\n  observer_type: histogram\n  summary_options: {age_buckets: 2}\n',
    'm.yml:5:20  mappings[0].summary_options',
  ],
  [
    'options of the other kind, by default',
    'defaults: {observer_type: summary}\nmappings:\n- match: a\n  name: b\n  histogram_options: {buckets: [1]}\n',
    'mappings[0].histogram_options: found a section, wanted none',
  ],
  [
    'buckets that do not ascend',
    'mappings:\n- match: a\n  name: b\n  histogram_options: {buckets: [2, 1]}\n',
    'wanted edges that ascend',
  ],
  [
    'a quantile above 1',
    'defaults:\n  summary_options: {quantiles: [{quantile: 99}]}\n',
    'found 99, wanted a number from 0 to 1',
  ],
  [
    'a duration without a unit',
    'defaults: {ttl: 10}\n',
    'm.yml:1:17  defaults.ttl: found 10, wanted a duration such as 1m30s',
  ],
  ['a duration that is none', 'defaults: {ttl: 10 s}\n', 'wanted a duration such as 1m30s'],
  ['what is no YAML', 'mappings: [\n', 'is not valid YAML'],
  ['text', 'mappings', 'wanted a section with the keys defaults, mappings'],
]

describe('a mapping file is refused whole, with line and reason', () => {
  test.each(refused)('%s', (_, yaml, problem) => {
    let error: KymoError | undefined
    try {
      readMapping(yaml, 'm.yml')
    } catch (caught) {
      error = caught as KymoError
    }
    expect(error?.code).toBe('mapping-invalid')
    expect(error?.message).toContain(problem)
  })

  test('all that is wrong is told at once', () => {
    expect(() => readMapping('mappings:\n- match: a..b\n- match: a\n  name: 0\n', 'm.yml')).toThrow(
      /has 3 problem\(s\)[^]*:2:3 [^]*:2:10 [^]*:4:9 /,
    )
  })
})

describe('a mapping file is taken', () => {
  test.each(['', '---\n', 'mappings:\n', 'defaults:\nmappings: []\n', '{}'])('%j says nothing', (yaml) => {
    expect(readMapping(yaml, 'm.yml').rules).toEqual([])
  })

  test('numbers and words are the text that they are written as', () => {
    const { rules } = readMapping(
      'mappings:\n- match: a\n  name: b\n  labels: {code: 200, is_on: true}\n',
      'm.yml',
    )
    expect(rules[0]?.labels).toEqual([
      ['code', '200'],
      ['is_on', 'true'],
    ])
  })
})

/** Rules by the names that they give. */
const lookups: readonly (readonly [
  what: string,
  yaml: string,
  name: string,
  type: MappedType,
  found: string | undefined,
])[] = [
  ['a star takes one node', '- {match: "a.*", name: x}', 'a.b.c', 'counter', undefined],
  ['a star takes an empty node', '- {match: "a.*", name: "x_${1}"}', 'a.', 'counter', 'x_'],
  ['braces end a reference', '- {match: "a.*", name: "x_${1}_y"}', 'a.b', 'counter', 'x_b_y'],
  ['two references side by side', '- {match: "a.*.*", name: "x_$1$2"}', 'a.b.c', 'counter', 'x_bc'],
  ['a reference to nothing is empty', '- {match: "a.*", name: "x${7}"}', 'a.b', 'counter', 'x'],
  [
    'the first of two that match',
    '- {match: "*.b", name: x}\n- {match: "a.*", name: y}',
    'a.b',
    'counter',
    'x',
  ],
  [
    'the first of two with one glob',
    '- {match: "a.*", name: x}\n- {match: "a.*", name: y}',
    'a.b',
    'counter',
    'x',
  ],
  [
    'a glob that ends where another goes on',
    '- {match: "a.b.c", name: x}\n- {match: "a.b", name: y}',
    'a.b',
    'counter',
    'y',
  ],
  [
    'globs go before what stands before them as a regex',
    '- {match: "a.*", match_type: regex, name: x}\n- {match: "a.*", name: y}',
    'a.b',
    'counter',
    'y',
  ],
  [
    'a regex anywhere in the name',
    '- {match: "b+", match_type: regex, name: "x${0}"}',
    'abbc',
    'gauge',
    'xbb',
  ],
  [
    'a regex of the type',
    '- {match: "b", match_type: regex, match_metric_type: gauge, name: x}',
    'b',
    'counter',
    undefined,
  ],
  [
    'a glob of the type',
    '- {match: "b", match_metric_type: observer, name: x}\n- {match: "b", name: y}',
    'b',
    'observer',
    'x',
  ],
  [
    'a glob of another type',
    '- {match: "b", match_metric_type: observer, name: x}\n- {match: "b", name: y}',
    'b',
    'gauge',
    'y',
  ],
  [
    'a star in a name is only a star',
    '- {match: "a.b", name: x}\n- {match: "a.*", name: "y_${1}"}',
    'a.*',
    'counter',
    'y_*',
  ],
  ['a name that no object may have', '- {match: "*", name: "x_${1}"}', '__proto__', 'counter', 'x___proto__'],
]

describe('the rule that counts', () => {
  test.each(lookups)('%s', (_, rules, name, type, found) => {
    const mapper = createMapper(readMapping(`mappings:\n${rules}\n`, 'm.yml'))
    for (let times = 0; times < 2; times++) expect(mapper.find(name, type)?.name).toBe(found)
  })

  test('without the order of the file, what says most from the left', () => {
    const rules = '- {match: "*.*", name: any}\n- {match: "a.*", name: left}\n- {match: "*.b", name: right}\n'
    const mapper = createMapper(
      readMapping(`defaults: {glob_disable_ordering: true}\nmappings:\n${rules}`, 'm.yml'),
    )
    expect(['a.b', 'x.b', 'x.y'].map((name) => mapper.find(name, 'counter')?.name)).toEqual([
      'left',
      'right',
      'any',
    ])
  })

  test('many globs that have much in common cost no more than there are', () => {
    const stars = Array.from({ length: 12 }, (_, bits) => bits)
    const globs = Array.from({ length: 4_096 }, (_, bits) =>
      stars.map((star) => ((bits >> star) & 1 ? 'a' : '*')).join('.'),
    )
    const rules = globs.map((glob, index) => `- {match: "${glob}.end", name: "x${index}"}`).join('\n')
    const mapper = createMapper(readMapping(`mappings:\n${rules}\n`, 'm.yml'))
    const name = Array.from({ length: 12 }, () => 'a').join('.')
    expect(mapper.find(`${name}.other`, 'counter')).toBeUndefined()
    expect(mapper.find(`${name}.end`, 'counter')?.name).toBe('x0')
  })
})

describe('a sink is given what its mapping file says', () => {
  const load = (mapping: string | undefined) =>
    loadConfig({
      command: 'start',
      argv: [],
      env: {},
      cwd: '/etc/kymo',
      readFile(path) {
        const files: Readonly<Record<string, string | undefined>> = {
          '/etc/kymo/kymo.yaml':
            'sinks: [{type: prometheus, mapping_config: conf/m.yml}, {type: prometheus, name: plain}]',
          '/etc/kymo/conf/m.yml': mapping,
        }
        const text = files[path]
        if (text === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' })
        return Buffer.from(text)
      },
    })

  test('found from where Kymo was started', () => {
    const { config, mappings } = load('mappings: [{match: a, name: b}]')
    const [mapped, plain] = config.sinks
    expect(mapped).toMatchObject({ mapping: { rules: [{ match: 'a', name: 'b' }] } })
    expect(plain).not.toHaveProperty('mapping')
    expect([...mappings.keys()]).toEqual(['conf/m.yml'])
  })

  test.each([
    [undefined, 'mapping-unreadable', 'conf/m.yml'],
    ['mappings: [{match: a}]', 'mapping-invalid', 'conf/m.yml:1:12'],
  ])('%j is %s', (mapping, code, place) => {
    expect(() => load(mapping)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(place) as string }) as Error,
    )
  })
})
