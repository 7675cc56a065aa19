import { expect, test } from 'vitest'
import { untypedIdentity } from '../../model/untyped-identity.ts'
import { createRuleBook } from './rule-book.ts'
import { createSeriesLevels } from './series-levels.ts'

const DAY = 86_400
const NOW = 1_700_000_000
const aggregations = {
  path: 'aggregation.conf',
  text: '[half]\npattern = ^half\nxFilesFactor = 0.5\naggregationMethod = max\n',
}
const schemas = { path: 'schemas.conf', text: '[own]\npattern = ^own\nretentions = 1s:1h,5m:1y\n' }
const defaultRetentions = [
  { stepSeconds: 10, retentionSeconds: 7 * DAY },
  { stepSeconds: 60, retentionSeconds: 90 * DAY },
  { stepSeconds: 600, retentionSeconds: 1_825 * DAY },
]
const levels = createSeriesLevels(createRuleBook({ schemas, aggregations, defaultRetentions }), {
  nowMs: () => NOW * 1_000,
})

test.each([
  ['a', 0, 10, []],
  ['a', 7 * DAY, 10, []],
  ['a', 7 * DAY + 1, 60, [60_000]],
  ['a', 90 * DAY + 1, 600, [60_000, 600_000]],
  ['a', 9_999 * DAY, 600, [60_000, 600_000]],
  ['own.x', 3_600, 1, []],
  ['own.x', 3_601, 300, [300_000]],
])('%s from %i s ago: steps of %i s', (key, ageSeconds, stepSeconds, tierStepsMs) => {
  const level = levels.levelOf(untypedIdentity(key), NOW - ageSeconds)
  expect(level).toMatchObject({ stepSeconds, tierStepsMs })
})

test('rules of aggregation go before the type, and count points in tiers alone', () => {
  const identity = untypedIdentity('half.count')
  expect(levels.levelOf(identity, NOW)).toMatchObject({ rollup: 'max', fewestPoints: undefined })
  expect(levels.levelOf(identity, NOW - 8 * DAY)).toMatchObject({ rollup: 'max', fewestPoints: 3 })
  expect(levels.levelOf(untypedIdentity('a.count'), NOW - 8 * DAY)).toMatchObject({
    rollup: 'sum',
    fewestPoints: undefined,
  })
})

test('nothing is read from before the longest retention', () => {
  expect(levels.levelOf(untypedIdentity('own.x'), 0).keptFromSeconds).toBe(NOW - 365 * DAY)
})
