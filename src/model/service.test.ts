import { expect, test } from 'vitest'
import { environmentOf, isBetterPulse, type PulseCandidate, servicePrefixOf } from './service.ts'

test.each([
  ['shop.orders', 'shop'],
  ['shop.orders;env=prod', 'shop'],
  ['http.requests;env=prod;service=shop', ';service=shop'],
  ['queue.depth;app=mail', ';app=mail'],
  ['queue.depth;app=mail;service=shop', ';service=shop'],
  ['alone;service=shop', ';service=shop'],
  ['http.errors;service=', 'http'],
  ['http.errors;myservice=x', 'http'],
  ['lonely', undefined],
  ['lonely;path=a.b', undefined],
  ['.odd', undefined],
  ['', undefined],
  ['statsd.numStats', undefined],
])('%s belongs to %s', (key, wanted) => {
  expect(servicePrefixOf(key)).toBe(wanted)
})

test('an environment is what the tag says', () => {
  expect(environmentOf('a;env=prod;service=b')).toBe('prod')
  expect(environmentOf('a;environment=prod')).toBeUndefined()
  expect(environmentOf('env=prod')).toBeUndefined()
})

test('what happens shows life before what stays, and what goes wrong last of its type', () => {
  const candidate = (key: string, type: PulseCandidate['type'], lastSeenMs = 0) => ({ key, type, lastSeenMs })
  const [best, ...others] = [
    candidate('shop.orders', 'counter', 2),
    candidate('shop.visits', 'counter', 1),
    candidate('shop.errors', 'counter', 9),
    candidate('shop.latency', 'timer', 9),
    candidate('shop.users', 'set', 9),
    candidate('shop.basket', 'gauge', 9),
    candidate('shop.a', 'untyped', 8),
    candidate('shop.b', 'untyped', 8),
  ] as const
  for (const other of others) {
    expect(isBetterPulse(best, other)).toBe(true)
    expect(isBetterPulse(other, best)).toBe(false)
  }
  for (const [place, one] of others.entries())
    for (const other of others.slice(place + 1))
      expect(isBetterPulse(one, other), `${one.key} ${other.key}`).toBe(true)
})
