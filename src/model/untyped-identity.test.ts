import { expect, test } from 'vitest'
import { untypedIdentity } from './untyped-identity.ts'

const cases: [key: string, rollup: string][] = [
  ['servers.web1.load', 'mean'],
  ['stats.counters.hits.count', 'sum'],
  ['stats.timers.api.upper_90', 'max'],
  ['stats.timers.api.lower;env=prod', 'min'],
  ['a.max', 'max'],
  ['a.b.last;c=d', 'last'],
  ['a.count', 'sum'],
  ['a.sum', 'sum'],
  ['a.min', 'min'],
  ['maximum', 'mean'],
  ['lasting', 'mean'],
  ['count.other', 'mean'],
  ['__proto__', 'mean'],
]

test.each(cases)('%s rolls up by %s', (key, rollup) => {
  expect(untypedIdentity(key)).toEqual({
    key,
    metricKey: key,
    metricType: 'untyped',
    statistic: 'value',
    rollup,
  })
})
