import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../../../test/harness/runs.ts'
import { collidingKeys } from '../../aggregator/testdata/colliding-keys.ts'
import { identityOf } from '../engine.conformance.ts'
import { CompactCatalog } from './compact-catalog.ts'
import { NamesReader } from './names-reader.ts'
import type { WindowsSeen } from './testdata/watch-names.ts'

function readerOf(catalog: CompactCatalog): NamesReader {
  const shared = catalog.sharedNames
  if (shared === undefined) throw new Error('there is nothing to read')
  return new NamesReader(structuredClone(shared))
}

const node = fc.constantFrom('a', 'b', '', 'ab', 'ключ', '🔑', '\ud800', 'x'.repeat(300))
const name = fc.array(node, { minLength: 1, maxLength: 4 }).map((nodes) => nodes.join('.'))
const pattern = fc
  .array(fc.oneof(node, fc.constantFrom('*', '**', 'a*', '{a,b}', '?', '[!a]', '*b')), {
    minLength: 1,
    maxLength: 4,
  })
  .map((nodes) => nodes.join('.'))
const action = fc.oneof(
  fc.record({ touch: name, timeMs: fc.nat(100) }),
  fc.record({ remove: name, timeMs: fc.nat(100) }),
)

test('finds what the catalog finds, whatever has come and gone', () => {
  fc.assert(
    fc.property(
      fc.array(action, { maxLength: 60 }),
      fc.array(pattern, { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      (actions, patterns, isOnePerName) => {
        const catalog = new CompactCatalog()
        const early = readerOf(catalog)
        for (const one of actions) {
          if ('touch' in one) catalog.touch(identityOf(one.touch), one.timeMs)
          else catalog.remove([one.remove])
        }
        const reader = early.isOutdated ? readerOf(catalog) : early
        for (const pattern of patterns) {
          const wanted = catalog.findNodes(pattern, 1_000, { isOnePerName })
          expect(reader.findNodes(pattern, 1_000, { isOnePerName })).toEqual(wanted)
        }
      },
    ),
    { numRuns: runs(300) },
  )
})

test('a series that had a point since has it here, too', () => {
  const catalog = new CompactCatalog()
  catalog.touch(identityOf('a.b'), 1_000)
  const reader = readerOf(catalog)
  catalog.touch(identityOf('a.b'), 5_000)
  expect(reader.findNodes('a.*', 10)?.[0]?.seen).toEqual({ firstSeenMs: 1_000, lastSeenMs: 5_000 })
})

test('a name that came is there, and one that went is not, without anything being shared anew', () => {
  const catalog = new CompactCatalog()
  for (const key of ['a.b', 'a.c']) catalog.touch(identityOf(key), 1_000)
  const reader = readerOf(catalog)
  const found = (): unknown => reader.findNodes('a.*', 10)?.map(({ name }) => name)
  expect(found()).toEqual(['b', 'c'])
  catalog.touch(identityOf('a.d'), 1_000)
  catalog.remove(['a.b'])
  expect(found()).toEqual(['c', 'd'])
  expect(reader.isOutdated).toBe(false)
})

test('what the catalog refuses, and what would take long, is for the catalog to say', () => {
  const catalog = new CompactCatalog()
  for (let index = 0; index < 30_000; index++) catalog.touch(identityOf(`a.b${index}.c`), 1_000)
  const reader = readerOf(catalog)
  expect(reader.findNodes('a.*', 10)).toBeUndefined()
  expect(reader.findNodes('a.*7.c', 30_000)).toBeUndefined()
  expect(reader.findNodes(`${'{a,b}'.repeat(40)}`, 10)).toBeUndefined()
  expect(reader.findNodes('a.b7.*', 10)).toEqual(catalog.findNodes('a.b7.*', 10))
})

test('what nobody but the catalog can find is not shared', () => {
  const catalog = new CompactCatalog()
  catalog.touch(identityOf('a.b'), 1_000)
  const reader = readerOf(catalog)
  for (const name of collidingKeys(300)) catalog.touch(identityOf(`a.${name}`), 1_000)
  expect(reader.isOutdated).toBe(true)
  expect(catalog.sharedNames).toBeUndefined()
})

test('a catalog that was built anew has to be shared anew', async () => {
  const catalog = new CompactCatalog({ leastGarbage: 1 })
  for (let index = 0; index < 100; index++) catalog.touch(identityOf(`a.b${index}`), 1_000)
  const reader = readerOf(catalog)
  await catalog.forget(Array.from({ length: 90 }, (_, index) => `a.b${index}`))
  while (catalog.isBeingRebuilt) await new Promise((resolve) => setImmediate(resolve))
  expect(reader.isOutdated).toBe(true)
  expect(reader.findNodes('a.b95', 10)).toBeUndefined()
  expect(readerOf(catalog).findNodes('a.*', 100)).toEqual(catalog.findNodes('a.*', 100))
})

test('another thread never finds what was not there at one moment, while names come and go', async () => {
  const catalog = new CompactCatalog()
  const [width, rounds] = [50, 20_000]
  for (let index = 0; index < width; index++) catalog.touch(identityOf(`a.n${index}`), 1_000)
  const stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  const thread = new Worker(new URL('./testdata/watch-names.ts', import.meta.url), {
    workerData: { shared: catalog.sharedNames, stop },
  })
  await once(thread, 'message')
  // A window of names that moves on: each step is one that comes, or one that goes.
  for (let index = 0; index < rounds; index++) {
    catalog.touch(identityOf(`a.n${index + width}`), 1_000)
    catalog.remove([`a.n${index}`])
    // Names grow now and then: whoever looks has to be given the new columns.
    if (index % 500 === 0) {
      thread.postMessage(catalog.sharedNames)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  Atomics.store(stop, 0, 1)
  const [{ wrong, found }] = (await once(thread, 'message')) as [WindowsSeen]
  expect(wrong).toEqual([])
  expect(found).toBeGreaterThan(0)
})
