import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import { catalogConformance } from '../catalog.conformance.ts'
import { identityOf } from '../engine.conformance.ts'
import { CompactCatalog } from './compact-catalog.ts'

catalogConformance('CompactCatalog', () => new CompactCatalog())

test('series that were not seen for long are forgotten', () => {
  const catalog = new CompactCatalog()
  catalog.touch(identityOf('old'), 1_000)
  catalog.touch(identityOf('kept'), 1_000)
  catalog.touch(identityOf('kept'), 2_000)
  expect(catalog.removeUnseenSince(2_000)).toBe(1)
  expect(catalog.findSeries('*', 10).map(({ identity }) => identity.key)).toEqual(['kept'])
})

/** Few, so that they meet again; odd, as names from outside are. */
const node = fc.constantFrom('a', 'b', '', '__proto__', 'ключ', '🔑', '\ud800', '\u0000', 'x'.repeat(300))
const name = fc.array(node, { minLength: 1, maxLength: 4 }).map((nodes) => nodes.join('.'))
const key = fc.oneof(
  name,
  fc.tuple(name, node).map(([text, value]) => `${text};tag=${value}`),
)
const identity: fc.Arbitrary<SeriesIdentity> = fc
  .record({
    key,
    metricKey: key,
    metricType: fc.constantFrom('counter' as const, 'untyped' as const),
    statistic: fc.constantFrom('count' as const, 'upper' as const),
    rollup: fc.constantFrom('sum' as const, 'last' as const),
    percentile: fc.constantFrom(undefined, 90, -10.5),
    isItsOwn: fc.boolean(),
  })
  .map(({ percentile, isItsOwn, ...rest }) => ({
    ...rest,
    // What only ever was a name is its own metric.
    ...(isItsOwn || rest.metricType === 'untyped' ? { metricKey: rest.key } : {}),
    ...(percentile === undefined ? {} : { percentile }),
  }))
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ touch: identity, timeMs: fc.nat(100) }) },
  { weight: 2, arbitrary: fc.record({ remove: key }) },
  { weight: 1, arbitrary: fc.record({ unseenSinceMs: fc.nat(100) }) },
)

test('whatever comes and goes, it knows what a map of plain objects knows', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const catalog = new CompactCatalog()
      const model = new Map<string, { identity: SeriesIdentity; firstSeenMs: number; lastSeenMs: number }>()
      for (const one of actions) {
        if ('touch' in one) {
          const { touch, timeMs } = one
          // Twice: the second time the object is known.
          for (let turn = 0; turn < 2; turn++) catalog.touch(touch, timeMs)
          const known = model.get(touch.key)
          model.set(touch.key, {
            identity: touch,
            firstSeenMs: Math.min(known?.firstSeenMs ?? timeMs, timeMs),
            lastSeenMs: Math.max(known?.lastSeenMs ?? timeMs, timeMs),
          })
        } else if ('remove' in one) {
          expect(catalog.remove([one.remove])).toBe(model.delete(one.remove) ? 1 : 0)
        } else {
          const stale = [...model].filter(([, { lastSeenMs }]) => lastSeenMs < one.unseenSinceMs)
          expect(catalog.removeUnseenSince(one.unseenSinceMs)).toBe(stale.length)
          for (const [gone] of stale) model.delete(gone)
        }
      }
      expect(catalog.seriesCount).toBe(model.size)
      for (const [known, entry] of model) {
        expect(catalog.get(known)).toEqual(entry)
        expect(catalog.findSeries(known, 100).map((found) => found.identity)).toContainEqual(entry.identity)
      }
      const groups = Map.groupBy(model.values(), (entry) =>
        JSON.stringify([entry.identity.metricType, entry.identity.metricKey]),
      )
      const metrics = catalog.metrics(1_000)
      expect(catalog.metricCount).toBe(groups.size)
      expect(metrics).toHaveLength(groups.size)
      for (const { metricType, metricKey, firstSeenMs, lastSeenMs, series } of metrics) {
        const group = groups.get(JSON.stringify([metricType, metricKey])) ?? []
        expect(series.map((one) => one.key).sort()).toEqual(group.map((one) => one.identity.key).sort())
        expect(firstSeenMs).toBe(Math.min(...group.map((one) => one.firstSeenMs)))
        expect(lastSeenMs).toBe(Math.max(...group.map((one) => one.lastSeenMs)))
      }
    }),
    { numRuns: 200 },
  )
})

test('of many metrics the newest come, however many there are', () => {
  const catalog = new CompactCatalog()
  for (let index = 0; index < 2_000; index++) catalog.touch(identityOf(`m.${index}`), Math.floor(index / 10))
  expect(catalog.metrics(15).map(({ firstSeenMs }) => firstSeenMs)).toEqual([
    ...Array<number>(10).fill(199),
    ...Array<number>(5).fill(198),
  ])
})
