import { expect, test } from 'vitest'
import { FakeClock } from '../../lib/fake-clock.ts'
import { FakeStoreAccess } from '../../query/testdata/fake-store-access.ts'
import { createRuleBook, createSeriesLevels } from '../../store/rules/index.ts'
import { recordLevels } from './level-record.ts'

const NOW = 1_700_000_000
const identity = (key: string) =>
  ({ key, metricKey: key, metricType: 'untyped', statistic: 'value', rollup: 'mean' }) as const

function setUp() {
  const rules = createRuleBook({
    defaultRetentions: [
      { stepSeconds: 10, retentionSeconds: 3_600 },
      { stepSeconds: 60, retentionSeconds: 86_400 },
    ],
  })
  const levels = createSeriesLevels(rules, new FakeClock(NOW * 1_000))
  const access = Object.assign(new FakeStoreAccess([]), { levels, findEventTimes: async () => [5] })
  return recordLevels(access)
}

test('of what was read, the finest step counts', () => {
  const record = setUp()
  expect(record.finestStepSeconds()).toBe(1)
  record.access.levels?.levelOf(identity('a'), NOW - 7_200)
  expect(record.finestStepSeconds()).toBe(60)
  record.access.levels?.levelOf(identity('b'), NOW - 60)
  expect(record.finestStepSeconds()).toBe(10)
})

test('a series is told once for each level it was read from', () => {
  const record = setUp()
  const a = identity('a')
  for (const from of [NOW - 60, NOW - 60, NOW - 7_200]) record.access.levels?.levelOf(a, from)
  record.access.levels?.levelOf(identity('a'), NOW - 60)
  record.access.levels?.levelOf(identity('b'), NOW - 60)
  expect(record.readings().map(({ identity: { key }, level }) => [key, level.stepSeconds])).toEqual([
    ['a', 10],
    ['a', 60],
    ['a', 10],
    ['b', 10],
  ])
  expect([...record.keys()]).toEqual(['a', 'b'])
})

test('with events in it, an answer holds for no step', async () => {
  const record = setUp()
  record.access.levels?.levelOf(identity('a'), NOW - 60)
  expect(
    await record.access.findEventTimes?.({ startMs: 0, endMs: 1, tags: [], setOperation: 'union', limit: 1 }),
  ).toEqual([5])
  expect(record.finestStepSeconds()).toBeUndefined()
})
