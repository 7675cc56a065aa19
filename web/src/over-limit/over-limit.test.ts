import { expect, test } from 'vitest'
import { statusReport } from '../testdata/status-report.ts'
import { isOverLimit, type Offender, overflowName, shareOf } from './over-limit.ts'

function offender(refused: number, limitPrefix = 'api'): Offender {
  return { prefix: 'api.user', limit: { prefix: limitPrefix, series: 5 }, refused, examples: ['api.user.1'] }
}

// Flushes are 10 s apart in the report.
test.each([
  ['never', null, false],
  ['in the newest flush', 1_000_000, true],
  ['in the flush before', 990_000, true],
  ['longer ago', 980_000, false],
])('metrics that were refused %s: shown is %s', (_when, lastRefusedMs, isShown) => {
  const limits = { refused: 1, lastRefusedMs, offenders: [offender(1)] }
  expect(isOverLimit(statusReport({ lastFlushMs: 1_000_000, limits }))).toBe(isShown)
})

test('what is refused is added up below the prefix of the limit', () => {
  expect(overflowName(offender(1))).toBe('api.__over_limit__')
  expect(overflowName(offender(1, ''))).toBe('__over_limit__')
})

test('bars are measured by the worst, and the shortest is still seen', () => {
  const offenders = [offender(1_000), offender(250), offender(1)]
  expect(offenders.map((one) => shareOf(one, offenders))).toEqual([100, 25, 1])
})
