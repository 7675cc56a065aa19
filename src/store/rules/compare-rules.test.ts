import { expect, test } from 'vitest'
import type { Rollup } from '../../model/series-identity.ts'
import type { CatalogEntry } from '../catalog.ts'
import { RuleComparison } from './compare-rules.ts'
import { createRuleBook } from './rule-book.ts'
import { changeText } from './rules-text.ts'

const NOW_MS = 1_800_000_000_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const DEFAULT = [{ stepSeconds: 10, retentionSeconds: 7 * 86_400 }]

interface Files {
  readonly schemas?: string
  readonly aggregations?: string
}

function bookOf({ schemas, aggregations }: Files) {
  return createRuleBook({
    schemas: schemas === undefined ? undefined : { path: 's', text: schemas },
    aggregations: aggregations === undefined ? undefined : { path: 'a', text: aggregations },
    defaultRetentions: DEFAULT,
  })
}

function entryOf(key: string, rollup: Rollup = 'mean', firstMs = NOW_MS - 30 * DAY_MS): CatalogEntry {
  const identity = { key, metricKey: key, metricType: 'untyped', statistic: 'value', rollup } as const
  return { identity, firstSeenMs: firstMs, lastSeenMs: NOW_MS }
}

function compare(before: Files | undefined, after: Files, entries: readonly CatalogEntry[]) {
  const comparison = new RuleComparison(before && bookOf(before), bookOf(after), NOW_MS)
  for (const entry of entries) comparison.add(entry)
  return comparison.report()
}

const schemasOf = (retentions: string) => `[all]\npattern = .*\nretentions = ${retentions}\n`
const oneChange = (before: string, after: string, entry = entryOf('a')) =>
  compare({ schemas: schemasOf(before) }, { schemas: schemasOf(after) }, [entry]).changes[0]

test('each rule says what it catches, the first that matches, with examples', () => {
  const schemas = '[one]\npattern = ^a\\.\nretentions = 60:1d\n[two]\npattern = a\nretentions = 10:1d,60:7d\n'
  const aggregations = '[max]\npattern = x$\naggregationMethod = max\nxFilesFactor = 0.5\n'
  const keys = ['a.x', 'ba', 'c', 'd', 'e', 'f', 'a.y', 'a.z', 'a.0']
  const report = compare(
    undefined,
    { schemas, aggregations },
    keys.map((key) => entryOf(key)),
  )
  expect(report).toEqual({
    series: 9,
    schemas: [
      {
        rule: { path: 's', line: 1, section: 'one', pattern: '^a\\.' },
        series: 4,
        examples: ['a.x', 'a.y', 'a.z'],
        retentions: [{ stepSeconds: 60, retentionSeconds: 86_400 }],
      },
      expect.objectContaining({ series: 1, examples: ['ba'] }),
      { rule: null, series: 4, examples: ['c', 'd', 'e'], retentions: DEFAULT },
    ],
    aggregations: [
      {
        rule: { path: 'a', line: 1, section: 'max', pattern: 'x$' },
        series: 1,
        examples: ['a.x'],
        method: 'max',
        xFilesFactor: 0.5,
      },
      { rule: null, series: 8, examples: ['ba', 'c', 'd'], method: null, xFilesFactor: null },
    ],
    changed: null,
    changes: [],
  })
})

test('rules that say the same under other names change nothing', () => {
  const before = '[a]\npattern = ^a\nretentions = 10:1d\n[b]\npattern = ^b\nretentions = 10:1d\n'
  const after = '[all]\npattern = .*\nretentions = 10s:24h\n'
  const report = compare({ schemas: before }, { schemas: after }, [entryOf('a'), entryOf('b')])
  expect(report).toMatchObject({ changed: 0, changes: [] })
  expect(changeText(report)).toBe('0 of 2 series change')
})

test('series that change alike are told together, whatever rules they had', () => {
  const before = '[a]\npattern = ^a\nretentions = 10:1d\n[b]\npattern = ^b\nretentions = 10:1d\n'
  const after = '[all]\npattern = .*\nretentions = 10s:2d\n'
  const report = compare(
    { schemas: before },
    { schemas: after },
    ['a', 'b', 'c', 'b.2'].map((key) => entryOf(key)),
  )
  expect(report.changed).toBe(4)
  expect(report.changes.map(({ series, examples }) => [series, examples])).toEqual([
    [3, ['a', 'b', 'b.2']],
    [1, ['c']],
  ])
  expect(changeText(report)).toBe(
    '4 of 4 series change: 3 from 10s:1d by mean to 10s:2d by mean, 1 from 10s:7d by mean to 10s:2d by mean',
  )
})

test.each<[name: string, before: string, after: string, lost: unknown[], notMade: number[]]>([
  ['longer: nothing', '10s:1d,1m:7d', '10s:2d,1m:9d', [], []],
  [
    'the finest shorter',
    '10s:2d,1m:7d',
    '10s:1d,1m:7d',
    [{ stepSeconds: 0, slots: 8_640, fromMs: NOW_MS - 2 * DAY_MS, untilMs: NOW_MS - DAY_MS }],
    [],
  ],
  [
    'a tier shorter',
    '10s:1d,1m:7d',
    '10s:1d,1m:6d',
    [{ stepSeconds: 60, slots: 1_440, fromMs: NOW_MS - 7 * DAY_MS, untilMs: NOW_MS - 6 * DAY_MS }],
    [],
  ],
  [
    'another step: what was rolled up in the old one is lost, and the new one begins anew',
    '10s:1d,1m:7d',
    '10s:1d,5m:7d',
    [{ stepSeconds: 60, slots: 10_080, fromMs: NOW_MS - 7 * DAY_MS, untilMs: NOW_MS }],
    [300],
  ],
  ['points as they came are the same, whatever their step', '10s:1d', '1m:1d', [], []],
  ['one level more', '10s:7d', '10s:7d,1m:30d', [], [60]],
])('%s', (_name, before, after, lost, notMadeSteps) => {
  expect(oneChange(before, after)).toMatchObject({ lost, notMadeSteps })
})

test('of a series that is younger less is lost, and of one that ended before nothing', () => {
  const young = entryOf('young', 'mean', NOW_MS - 30 * HOUR_MS)
  const ended = { ...entryOf('ended', 'mean', NOW_MS - 30 * DAY_MS), lastSeenMs: NOW_MS - 20 * DAY_MS }
  const [change] = compare({ schemas: schemasOf('10s:2d') }, { schemas: schemasOf('10s:1d') }, [
    young,
    ended,
  ]).changes
  expect(change?.series).toBe(2)
  expect(change?.lost).toEqual([
    { stepSeconds: 0, slots: 6 * 360, fromMs: NOW_MS - 30 * HOUR_MS, untilMs: NOW_MS - DAY_MS },
  ])
})

test.each<[rule: string, rollup: Rollup, changed: number]>([
  ['aggregationMethod = max', 'mean', 1],
  ['aggregationMethod = average', 'mean', 0],
  ['aggregationMethod = sum', 'sum', 0],
  ['aggregationMethod = absmax', 'max', 1],
  ['xFilesFactor = 0.5', 'mean', 1],
  ['xFilesFactor = 0', 'mean', 0],
])('the rule %s for a series of %s', (rule, rollup, changed) => {
  const schemas = schemasOf('10s:1d,1m:7d')
  const aggregations = `[all]\npattern = .*\n${rule}\n`
  expect(compare({ schemas }, { schemas, aggregations }, [entryOf('a', rollup)]).changed).toBe(changed)
})

test('where nothing is rolled up, how much of it is wanted is no change', () => {
  const aggregations = '[all]\npattern = .*\nxFilesFactor = 0.5\n'
  expect(compare({}, { aggregations }, [entryOf('a')]).changed).toBe(0)
})

test('however many kinds of changes there are, each is counted', () => {
  const rules = (days: number) =>
    Array.from(
      { length: 1_500 },
      (_, index) => `[${index}]\npattern = ^${index}$\nretentions = ${index + 1}:${days}d`,
    )
  const entries = Array.from({ length: 1_500 }, (_, index) => entryOf(`${index}`))
  const report = compare({ schemas: rules(10).join('\n') }, { schemas: rules(20).join('\n') }, entries)
  expect(report.changed).toBe(1_500)
  expect(report.changes.length).toBe(1_000)
})
