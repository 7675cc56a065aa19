import { expect, test } from 'vitest'
import { createNaming } from '../aggregator/index.ts'
import { PointIdentities } from './point-identities.ts'

test('a key has one identity, whatever it is called', () => {
  const identities = new PointIdentities(createNaming())
  for (const key of ['a.b', '__proto__', 'constructor']) {
    expect(identities.get(key)).toBe(identities.get(key))
    expect(identities.get(key).key).toBe(key)
  }
})

test('keys without end are not all remembered', () => {
  const identities = new PointIdentities(createNaming())
  const first = identities.get('k0')
  for (let i = 1; i < 10_000; i++) identities.get(`k${i}`)
  expect(identities.get('k0')).toBe(first)
  identities.get('one too many')
  expect(identities.get('k0')).not.toBe(first)
})

test('a typed point belongs to the series its metric is flushed to', () => {
  const identities = new PointIdentities(createNaming())
  expect(identities.get('api;env=prod', 'counter')).toMatchObject({
    key: 'stats.counters.api.count;env=prod',
    metricKey: 'api;env=prod',
    rollup: 'sum',
  })
  expect(identities.get('api', 'gauge')).toMatchObject({ key: 'stats.gauges.api', rollup: 'last' })
  expect(identities.get('api').metricType).toBe('untyped')
})

test('a total is itself, and rolls up to the last of it', () => {
  const identities = new PointIdentities(createNaming())
  expect(identities.get('requests.count', 'total')).toEqual({
    key: 'requests.count',
    metricKey: 'requests.count',
    metricType: 'untyped',
    statistic: 'value',
    rollup: 'last',
  })
})
