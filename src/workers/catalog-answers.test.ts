import { MessageChannel } from 'node:worker_threads'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import {
  openMemoryEventStore,
  openMemoryStore,
  unpackMetrics,
  unpackNodes,
  unpackSeries,
} from '../store/index.ts'
import type { QueryToKeeper } from './calls.ts'
import { createCatalogAnswers } from './catalog-answers.ts'
import { openLink } from './rpc.ts'

const ports: { close(): void }[] = []
afterEach(() => {
  for (const port of ports.splice(0)) port.close()
})

function open(keys: readonly string[]) {
  const store = openMemoryStore()
  for (const key of keys)
    store.catalog.touch(
      { key, metricKey: key, metricType: 'untyped', statistic: 'value', rollup: 'last' },
      5_000,
    )
  const { port1, port2 } = new MessageChannel()
  ports.push(port1, port2)
  openLink<Record<string, never>, QueryToKeeper>(
    port1,
    createCatalogAnswers(
      () => store,
      () => openMemoryEventStore({ clock: systemClock }),
    ),
  )
  return openLink<QueryToKeeper>(port2)
}

const SEEN = { firstSeenMs: 5_000, lastSeenMs: 5_000 }
const KEYS = ['a.b', 'a.c', 'a.b.d', 'used;rack=a1;server=web01', 'used;rack=b2;server=web02']

test('what is found comes through a port as it is', async () => {
  const keeper = open(KEYS)
  const nodes = unpackNodes(await keeper.call('findNodes', { pattern: 'a.*', limit: 10 }))
  expect(nodes).toEqual([
    { path: 'a.b', name: 'b', isLeaf: true, isBranch: true, seen: SEEN },
    { path: 'a.c', name: 'c', isLeaf: true, isBranch: false, seen: SEEN },
  ])
  const keysOf = (packed: Parameters<typeof unpackSeries>[0]): string[] =>
    unpackSeries(packed).map(({ identity }) => identity.key)
  expect(keysOf(await keeper.call('findSeries', { pattern: '**', limit: 10 }))).toEqual([
    'a.b',
    'a.b.d',
    'a.c',
  ])
  const expressions = ['server=~web', 'rack!=b2']
  expect(keysOf(await keeper.call('findSeriesByTags', { expressions, limit: 10 }))).toEqual([KEYS[3]])
  expect(await keeper.call('tags', { limit: 10, prefix: 's' })).toEqual(['server'])
  expect(await keeper.call('tagValues', { tag: 'rack', limit: 10 })).toEqual([
    { value: 'a1', count: 1 },
    { value: 'b2', count: 1 },
  ])
  const metrics = unpackMetrics(await keeper.call('metrics', { limit: 2 }))
  expect(metrics).toHaveLength(2)
  expect(metrics[0]).toMatchObject({ metricType: 'untyped', firstSeenMs: 5_000, lastSeenMs: 5_000 })
  const found = unpackMetrics(await keeper.call('metrics', { limit: 2, search: 'RACK=b2' }))
  expect(found.map(({ metricKey }) => metricKey)).toEqual([expect.stringContaining('rack=b2')])
})

test('errors come through, and nobody looks for what is not waited for', async () => {
  const keeper = open(KEYS)
  await expect(keeper.call('findNodes', { pattern: 'a.*', limit: 1 })).rejects.toMatchObject({
    code: 'too-many-results',
  })
  await expect(keeper.call('findSeriesByTags', { expressions: ['a=~('], limit: 1 })).rejects.toMatchObject({
    code: 'regex-invalid',
  })
  const aborting = new AbortController()
  const finding = keeper.call('findSeries', { pattern: '**', limit: 10 }, { signal: aborting.signal })
  aborting.abort(new Error('gone'))
  await expect(finding).rejects.toThrow('gone')
  expect(await keeper.call('tags', { limit: 1 })).toEqual(['name'])
})

test('where nothing is stored there is nobody to ask', async () => {
  const answers = createCatalogAnswers(
    () => undefined,
    () => openMemoryEventStore({ clock: systemClock }),
  )
  await expect(
    answers.findNodes({ pattern: '*', limit: 1 }, new AbortController().signal),
  ).rejects.toMatchObject({
    code: 'store-disabled',
  })
})
