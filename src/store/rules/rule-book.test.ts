import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readRuleBook } from './read-rule-book.ts'
import { CARBON_DEFAULT_RETENTIONS, createRuleBook } from './rule-book.ts'

const DAY = 86_400
const defaultRetentions = CARBON_DEFAULT_RETENTIONS

function schemas(text: string) {
  return createRuleBook({ schemas: { path: 'schemas.conf', text }, defaultRetentions })
}

function aggregations(text: string) {
  return createRuleBook({ aggregations: { path: 'aggregation.conf', text }, defaultRetentions })
}

function sample(name: string) {
  return { path: name, text: readFileSync(`${import.meta.dirname}/testdata/${name}`, 'utf8') }
}

function inSteps(retentions: readonly { stepSeconds: number; retentionSeconds: number }[]) {
  return retentions.map(({ stepSeconds, retentionSeconds }) => [stepSeconds, retentionSeconds])
}

test('without files all is default', () => {
  const rules = createRuleBook({ defaultRetentions })
  expect(rules.retentionsFor('a.b')).toBe(defaultRetentions)
  expect(rules.aggregationFor('a.b')).toEqual({})
  expect(rules.originsFor('a.b')).toEqual({ retentions: undefined, aggregation: undefined })
})

test('the samples of carbon are read as they are', () => {
  const rules = createRuleBook({
    schemas: sample('carbon-storage-schemas.conf.example'),
    aggregations: sample('carbon-storage-aggregation.conf.example'),
    defaultRetentions,
  })
  expect(inSteps(rules.retentionsFor('carbon.agents.a.cpuUsage'))).toEqual([[60, 90 * DAY]])
  expect(inSteps(rules.retentionsFor('stats.carbon.a'))).toEqual([
    [60, DAY],
    [300, 30 * DAY],
    [3600, 3 * 365 * DAY],
  ])
  expect(rules.aggregationFor('a.min')).toEqual({ method: 'min', xFilesFactor: 0.1 })
  expect(rules.aggregationFor('a.max')).toEqual({ method: 'max', xFilesFactor: 0.1 })
  expect(rules.aggregationFor('a.count')).toEqual({ method: 'max', xFilesFactor: 0 })
  expect(rules.aggregationFor('a.minute')).toEqual({ method: 'average', xFilesFactor: 0.5 })
  expect(rules.originsFor('a.min').aggregation).toEqual({
    path: 'carbon-storage-aggregation.conf.example',
    line: 14,
    section: 'min',
  })
  expect(rules.warnings).toEqual([])
})

test('the samples of go-carbon are read as they are', () => {
  const rules = createRuleBook({
    schemas: sample('go-carbon-storage-schemas.conf'),
    aggregations: sample('go-carbon-storage-aggregation.conf'),
    defaultRetentions,
  })
  expect(inSteps(rules.retentionsFor('a'))).toEqual([
    [60, 30 * DAY],
    [3600, 5 * 365 * DAY],
  ])
  expect(rules.aggregationFor('a')).toEqual({ method: 'average', xFilesFactor: 0.5 })
  expect(rules.warnings).toEqual([])
})

test('the first rule whose pattern is found anywhere wins, and without one the default', () => {
  const rules = schemas(
    '[one]\npattern = ^a\\.\nretentions = 1s:1m\n[two]\npattern = b$\nretentions = 2s:1m\n[three]\npattern = env=prod\nretentions = 3s:1m',
  )
  expect(rules.retentionsFor('a.b')[0]?.stepSeconds).toBe(1)
  expect(rules.retentionsFor('x.b')[0]?.stepSeconds).toBe(2)
  expect(rules.retentionsFor('x.a.c;env=prod')[0]?.stepSeconds).toBe(3)
  expect(rules.retentionsFor('x')).toBe(defaultRetentions)
})

test('a rule need not say everything', () => {
  const rules = aggregations(
    '[a]\npattern = ^a\nxFilesFactor = .25\n[b]\npattern = ^b\naggregationMethod = absmin\n[c]\npattern = c',
  )
  expect(rules.aggregationFor('a')).toEqual({ xFilesFactor: 0.25 })
  expect(rules.aggregationFor('b')).toEqual({ method: 'absmin' })
  expect(rules.aggregationFor('c')).toEqual({})
  expect(rules.originsFor('c').aggregation?.section).toBe('c')
})

test.each([
  ['colons', '[x]\nPattern: a:b\nRETENTIONS: 7s:70s'],
  ['windows', '\ufeff[x]\r\npattern = a:b\r\nretentions = 7s:70s\r\n'],
  ['comments', '# one\n[x]\n; two\npattern = a:b\n  # three\nretentions = 7s:70s'],
  ['archives in any order, over lines', '[x]\npattern = a:b\nretentions = 70s:700s,\n   # why\n\n   7s:70s'],
  ['defaults', '[DEFAULT]\npattern = x{9}\nretentions = 7s:70s\n[x]\npattern = a:b'],
  ['percent', '[x]\npattern = %%|a:b\nretentions = 7s:70s'],
])('files are written in many ways: %s', (_way, text) => {
  const rules = schemas(text)
  expect(rules.retentionsFor('a:b')[0]).toEqual({ stepSeconds: 7, retentionSeconds: 70 })
  expect(rules.retentionsFor('c')).toBe(defaultRetentions)
})

test('what is not known is warned of', () => {
  expect(aggregations('[x]\npattern = a\nxFileFactor = 1').warnings).toEqual([
    'aggregation.conf:3  ["x"] "xfilefactor" is not known and changes nothing.',
  ])
})

const PROBLEMS: readonly [string, readonly string[]][] = [
  ['a', ['schemas.conf:1  a section has to begin before this line, as in [default]']],
  ['[x', ['schemas.conf:1  a section is its name in brackets']],
  ['[x] # y\npattern = a\nretentions = 1:1', ['schemas.conf:1  a section is its name in brackets']],
  ['[x]\npattern = a\nretentions = 1:1\nword', ['schemas.conf:4  the line is neither']],
  ['[x]\npattern = a', ['schemas.conf:1  [x] retentions: it is missing']],
  ['[x]\nretentions = 1:1', ['schemas.conf:1  [x] pattern: it is missing']],
  [
    '[x]\npattern = a\npattern = b\nretentions = 1:1\n[x]\npattern = a\nretentions = 1:1',
    [
      'schemas.conf:3  `pattern` is there twice: the first is in line 2',
      'schemas.conf:5  the section is there twice',
    ],
  ],
  [
    '[x]\npattern = (\nretentions = 1:1',
    ['schemas.conf:2  [x] pattern: "(" cannot be used: missing closing )'],
  ],
  ['[x]\npattern = (?!a)\nretentions = 1:1', ['schemas.conf:2  [x] pattern: "(?!a)" cannot be used']],
  [
    '[x]\npattern = a\nretentions = 60:1d # days',
    ['schemas.conf:3  [x] retentions: "60:1d # days": what is kept is'],
  ],
  ['[x]\npattern = a\nretentions = 60:1d,', ['schemas.conf:3  [x] retentions: "" has no colon']],
  [
    '[x]\npattern = a\nretentions = 60:10, 7:1d',
    ['schemas.conf:3  [x] retentions: steps of 60 s are not made'],
  ],
  [
    '[x]\npattern = %(y)s\nretentions = 1:1',
    ['schemas.conf:2  [x] pattern: "%(y)s" takes over another option'],
  ],
  ['[\u001b[2J]\npattern = a', ['schemas.conf:1  [\\u001b[2J] retentions: it is missing']],
]

test.each(PROBLEMS)('%j is refused with line and reason', (text, wanted) => {
  const problems = problemsOf(() => schemas(text))
  for (const problem of wanted) expect(problems).toContainEqual(expect.stringContaining(problem))
})

test.each([
  ['xFilesFactor = 1.1', '"1.1" is no number from 0 to 1'],
  ['xFilesFactor = nan', '"nan" is no number from 0 to 1'],
  ['xFilesFactor =', '"" is no number from 0 to 1'],
  ['aggregationMethod = Sum', '"Sum" is none of average, sum, last, max, min, avg_zero, absmax, absmin'],
  ['aggregationMethod = p90', '"p90" is none of'],
])('of aggregation %j is refused', (line, problem) => {
  expect(problemsOf(() => aggregations(`[x]\npattern = a\n${line}`))).toEqual([
    expect.stringMatching(/^aggregation.conf:3 {2}\[x\] (xfilesfactor|aggregationmethod): /),
  ])
  expect(() => aggregations(`[x]\npattern = a\n${line}`)).toThrow(problem)
})

test('all problems of both files are told at once, the first hundred in full', () => {
  const problems = problemsOf(() =>
    createRuleBook({
      schemas: { path: 's', text: Array.from({ length: 70 }, (_, n) => `[${n}]\n`).join('') },
      aggregations: { path: 'a', text: '[x]\npattern = (' },
      defaultRetentions,
    }),
  )
  expect(problems).toHaveLength(101)
  expect(problems.at(-1)).toBe('... and 41 more')
})

// Were each compared with all before it, this would take longer than a test may.
test('a file of nothing but sections has a list of problems that ends', () => {
  const problems = problemsOf(() => schemas(Array.from({ length: 100_000 }, (_, n) => `[${n}]\n`).join('')))
  expect(problems).toHaveLength(101)
})

test('files that cannot be read are said to be', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kymo-rules-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 's.conf')
  expect(() => readRuleBook({ schemasPath: path, defaultRetentions })).toThrow('ENOENT')
  expect(() => readRuleBook({ aggregationPath: directory, defaultRetentions })).toThrow('it is no file')
  writeFileSync(path, '[x]\npattern = \xff', 'latin1')
  expect(() => readRuleBook({ schemasPath: path, defaultRetentions })).toThrow('not valid')
  writeFileSync(path, '#'.repeat(1_048_577))
  expect(() => readRuleBook({ schemasPath: path, defaultRetentions })).toThrow('larger than 1048576 bytes')
  writeFileSync(path, '[x]\npattern = a\nretentions = 5s:1m')
  expect(readRuleBook({ schemasPath: path, defaultRetentions }).retentionsFor('a')).toEqual([
    { stepSeconds: 5, retentionSeconds: 60 },
  ])
})

function problemsOf(action: () => unknown): string[] {
  try {
    action()
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    expect(code).toBe('rules-invalid')
    return message
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
  }
  throw new Error('nothing was refused')
}
