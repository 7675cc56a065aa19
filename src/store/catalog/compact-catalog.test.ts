import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../../../test/harness/runs.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import { catalogConformance } from '../catalog.conformance.ts'
import { identityOf } from '../engine.conformance.ts'
import { CompactCatalog } from './compact-catalog.ts'
import type { CatalogChild } from '../catalog.ts'
import { childPathOf } from '../child-path.ts'
import { unpackSeries } from './packed-answers.ts'
import { unpackChildren } from './packed-children.ts'

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

type Model = Map<string, { identity: SeriesIdentity; firstSeenMs: number; lastSeenMs: number }>

/** Does the same with the catalog and with a map of plain objects. */
function act(
  one: typeof action extends fc.Arbitrary<infer Action> ? Action : never,
  catalog: CompactCatalog,
  model: Model,
) {
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

function compare(catalog: CompactCatalog, model: Model): void {
  expect(catalog.seriesCount).toBe(model.size)
  for (const [known, entry] of model) {
    expect(catalog.get(known)).toEqual(entry)
    expect(catalog.findSeries(known, 100).map((found) => found.identity)).toContainEqual(entry.identity)
  }
  const untagged = [...model.keys()].filter((one) => !one.includes(';')).sort()
  expect(catalog.findSeries('**', 1_000).map((found) => found.identity.key)).toEqual(untagged)
  const tagged = [...model.keys()].filter((one) => /;tag=./su.test(one)).sort()
  expect(catalog.findSeriesByTags(['tag!='], 1_000).map((found) => found.identity.key)).toEqual(tagged)
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
}

test('whatever comes and goes, it knows what a map of plain objects knows', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const catalog = new CompactCatalog()
      const model: Model = new Map()
      for (const one of actions) act(one, catalog, model)
      compare(catalog, model)
    }),
    { numRuns: runs(200) },
  )
})

function childrenIn(model: Model, prefix: string): CatalogChild[] {
  const below = [...model].flatMap(([of, { firstSeenMs, lastSeenMs }]) => {
    const path = childPathOf(of, prefix)
    return path === undefined ? [] : [{ of, path, firstSeenMs, lastSeenMs }]
  })
  return [...Map.groupBy(below, ({ path }) => path)].map(([path, group]) => ({
    path,
    isLeaf: group.some(({ of }) => of === path),
    isBranch: group.some(({ of }) => of !== path),
    series: group.length,
    firstSeenMs: Math.min(...group.map(({ firstSeenMs }) => firstSeenMs)),
    lastSeenMs: Math.max(...group.map(({ lastSeenMs }) => lastSeenMs)),
  }))
}

function byPath(a: CatalogChild, b: CatalogChild): number {
  return a.path < b.path ? -1 : 1
}

test('what is below a prefix is added up, child by child', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { maxLength: 60 }),
      fc.oneof(key, fc.constant('')),
      async (actions, prefix) => {
        const catalog = new CompactCatalog()
        const model: Model = new Map()
        for (const one of actions) act(one, catalog, model)
        const { children, others } = unpackChildren(await catalog.answers.children(prefix, 1_000))
        expect([...children].sort(byPath)).toEqual(childrenIn(model, prefix).sort(byPath))
        expect(others.series).toBe(0)
        const some = unpackChildren(await catalog.answers.children(prefix, 1))
        expect(some.children.length).toBe(Math.min(1, children.length))
        expect(some.others.series).toBe(
          children.reduce((sum, { series }) => sum + series, 0) - (some.children[0]?.series ?? 0),
        )
      },
    ),
    { numRuns: runs(200) },
  )
})

/** A catalog whose every step is a slice, and which is built anew for little. */
function createImpatient(): CompactCatalog {
  let nowMs = 0
  return new CompactCatalog({ clock: { monotonicMs: () => (nowMs += 100) }, leastGarbage: 4 })
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

test('while it is built anew, it knows the same', async () => {
  const many = fc
    .tuple(identity, fc.integer({ min: 1, max: 60 }), fc.boolean())
    .map(([one, count, isTagged]) => ({ one, count, isTagged }))
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(action, fc.record({ burst: many }), fc.constant('turn' as const)), { maxLength: 60 }),
      async (actions) => {
        const catalog = createImpatient()
        const model: Model = new Map()
        for (const one of actions) {
          if (one === 'turn') await turn()
          else if ('burst' in one) {
            const { one: first, count, isTagged } = one.burst
            const keys = Array.from(
              { length: count },
              (_, index) => `burst.${index}${isTagged ? ';tag=x' : ''}`,
            )
            for (const of of keys)
              act({ touch: { ...first, key: of, metricKey: of }, timeMs: 5 }, catalog, model)
            for (const of of keys.slice(count % 7)) act({ remove: of }, catalog, model)
          } else act(one, catalog, model)
        }
        compare(catalog, model)
        for (let turns = 0; turns < 40; turns++) await turn()
        compare(catalog, model)
        // The same objects once more: their rows are others now.
        for (const { identity: same, lastSeenMs } of model.values()) catalog.touch(same, lastSeenMs)
        compare(catalog, model)
      },
    ),
    { numRuns: runs(100) },
  )
})

test('series are forgotten, found and come back while it is built anew', async () => {
  const catalog = createImpatient()
  const names = (from: number, to: number): string[] =>
    Array.from({ length: to - from }, (_, index) => `m.n${from + index}`)
  const touch = (from: number, to: number, timeMs: number): void => {
    for (const one of names(from, to)) catalog.touch(identityOf(one), timeMs)
  }
  touch(0, 2_000, 1_000)
  touch(1_500, 2_000, 2_000)
  const forgetting = catalog.forgetUnseenSince(2_000)
  const finding = catalog.answers.findSeries('m.*', 10_000)
  touch(0, 100, 3_000)
  expect(await forgetting).toBe(1_400)
  expect(unpackSeries(await finding).length).toBeGreaterThanOrEqual(600)
  // It is being built anew now.
  touch(5_000, 5_100, 4_000)
  const later = catalog.answers.findSeries('m.*', 10_000)
  const aborted = catalog.answers.findNodes('**', 10_000, {}, AbortSignal.abort(new Error('gone')))
  expect(catalog.remove(names(0, 50))).toBe(50)
  await expect(aborted).rejects.toThrow('gone')
  const wanted = [...names(50, 100), ...names(1_500, 2_000), ...names(5_000, 5_100)].sort()
  expect(unpackSeries(await later).map((entry) => entry.identity.key)).toEqual(wanted)
  for (let turns = 0; turns < 200; turns++) await turn()
  expect(catalog.findSeries('m.*', 10_000).map((entry) => entry.identity.key)).toEqual(wanted)
  expect(catalog.get('m.n5001')).toMatchObject({ firstSeenMs: 4_000, lastSeenMs: 4_000 })
})

test('flushes go on while it is built anew, and series may become something else', async () => {
  const catalog = createImpatient()
  const gauges = Array.from({ length: 1_500 }, (_, index) => identityOf(`m.n${index}`))
  const counters = gauges.map((one): SeriesIdentity => ({ ...one, metricType: 'counter' }))
  for (const one of gauges) catalog.touch(one, 1)
  const gone = 1_200
  catalog.remove(gauges.slice(0, gone).map((one) => one.key))
  for (let flush = 2; flush < 300; flush++) {
    const identities = gauges.slice(gone).map((one, index) => {
      return (index + flush) % 3 === 0 ? (counters[gone + index] ?? one) : one
    })
    for (const one of identities) catalog.touch(one, flush)
    await turn()
    const seen = identities.filter((one) => {
      const { identity: known, lastSeenMs } = catalog.get(one.key) ?? {}
      return known?.metricType === one.metricType && lastSeenMs === flush
    })
    expect(seen).toHaveLength(identities.length)
  }
})

test('of many metrics the newest come, however many there are', () => {
  const catalog = new CompactCatalog()
  for (let index = 0; index < 2_000; index++) catalog.touch(identityOf(`m.${index}`), Math.floor(index / 10))
  expect(catalog.metrics(15).map(({ firstSeenMs }) => firstSeenMs)).toEqual([
    ...Array<number>(10).fill(199),
    ...Array<number>(5).fill(198),
  ])
})
