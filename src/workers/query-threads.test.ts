import { expect, test, vi } from 'vitest'
import type { QueryRequest } from '../api/services.ts'
import type { PeerName } from './calls.ts'
import { QueryThreads } from './query-threads.ts'
import type { Supervisor } from './supervisor.ts'

const REQUEST = {} as QueryRequest

/** Threads that answer when they are told to. */
function scene(most: number) {
  const started: PeerName[] = []
  const stopped: PeerName[] = []
  const asked: { peer: PeerName; finish: (error?: Error) => void }[] = []
  const supervisor = {
    async start({ peer }: { peer: PeerName }) {
      started.push(peer)
      const link = {
        call: () =>
          new Promise<object>((resolve, reject) => {
            asked.push({ peer, finish: (error) => (error === undefined ? resolve({}) : reject(error)) })
          }),
      }
      return { link: () => link }
    },
    async stop(peer: PeerName) {
      stopped.push(peer)
    },
  } as unknown as Pick<Supervisor, 'start' | 'stop'>
  const threads = new QueryThreads(supervisor, most)
  const ask = async () => {
    const before = asked.length
    const answer = threads.query(REQUEST, new AbortController().signal)
    await vi.waitUntil(() => asked.length > before)
    return { answer, ...asked[before] }
  }
  return { threads, ask, started, stopped }
}

test('there is no thread before the first query', () => {
  expect(scene(2).started).toEqual([])
})

test('queries that come one after the other need one thread', async () => {
  const { ask, started } = scene(2)
  for (let i = 0; i < 3; i++) {
    const { peer, answer, finish } = await ask()
    expect(peer).toBe('query-1')
    finish?.()
    await answer
  }
  expect(started).toEqual(['query-1'])
})

test('a query that fails leaves its thread free', async () => {
  const { ask, started } = scene(2)
  const { answer, finish } = await ask()
  finish?.(new Error('not that'))
  await expect(answer).rejects.toThrow('not that')
  expect((await ask()).peer).toBe('query-1')
  expect(started).toEqual(['query-1'])
})

test('queries at once are spread over as many threads as there may be', async () => {
  const { ask, started } = scene(2)
  const first = await ask()
  expect((await ask()).peer).toBe('query-2')
  await ask()
  await ask()
  expect(started).toEqual(['query-1', 'query-2'])
  first.finish?.()
  await first.answer
  expect((await ask()).peer).toBe('query-1')
})

test('memory of answers that are out goes back with the next question to their thread', async () => {
  const asked: { readonly memory: readonly ArrayBuffer[] }[] = []
  const transferred: unknown[] = []
  const answers = [
    { body: new Uint8Array(8), isLent: true },
    { body: new Uint8Array(8), isLent: false },
  ]
  const supervisor = {
    start: async () => ({
      link: () => ({
        async call(_method: string, question: (typeof asked)[0], options: { transfer: unknown[] }) {
          asked.push(question)
          transferred.push(options.transfer)
          return answers[asked.length - 1] ?? { body: new Uint8Array(8), isLent: true }
        },
      }),
    }),
  } as unknown as Pick<Supervisor, 'start' | 'stop'>
  const threads = new QueryThreads(supervisor, 1)
  const ask = () => threads.query(REQUEST, new AbortController().signal)
  const lent = await ask()
  const own = await ask()
  expect(own.giveBack).toBeUndefined()
  lent.giveBack?.()
  await ask()
  await ask()
  expect(asked.map(({ memory }) => memory)).toEqual([[], [], [lent.body.buffer], []])
  expect(transferred[2]).toEqual([lent.body.buffer])
  // Of many that come back at once some are left to the collector.
  const many = await Promise.all(Array.from({ length: 100 }, ask))
  for (const { giveBack } of many) giveBack?.()
  await ask()
  expect(asked.at(-1)?.memory).toHaveLength(32)
})

test('how large things are is asked of one thread, and who read them last of all', async () => {
  const origin = { dashboard: '12', panel: null }
  const never = { lastMs: 0, origin: null }
  const lastReads: Record<string, unknown[]> = {
    'query-1': [{ lastMs: 7, origin: null }, never, never],
    'query-2': [{ lastMs: 9, origin }, never, { lastMs: 5, origin: null }],
  }
  const size = { series: 1, points: 2, slots: 3, bytes: 4 }
  const childOf = (path: string) => ({
    ...size,
    path,
    isLeaf: true,
    isBranch: false,
    firstSeenMs: 1,
    lastSeenMs: 2,
    lastQueriedMs: null,
    lastQueriedFor: null,
  })
  const question = { prefix: 'a', limit: 3, order: 'bytes' as const }
  const asked: unknown[] = []
  let finishQueries = () => {}
  const queriesEnd = new Promise<object>((resolve) => (finishQueries = () => resolve({})))
  const supervisor = {
    start: async ({ peer }: { peer: string }) => ({
      link: () => ({
        async call(method: string, argument: unknown) {
          if (method === 'query') return await queriesEnd
          asked.push([peer, method, argument])
          if (method === 'lastReads') return lastReads[peer]
          return { ...size, children: ['a.b', 'a.c', 'a.d'].map(childOf), others: size }
        },
      }),
    }),
  } as unknown as Pick<Supervisor, 'start' | 'stop'>
  const threads = new QueryThreads(supervisor, 2)
  const signal = new AbortController().signal
  const queries = [threads.query(REQUEST, signal), threads.query(REQUEST, signal)]
  const report = await threads.size(question, signal)
  expect(report.children.map(({ lastQueriedMs }) => lastQueriedMs)).toEqual([9, null, 5])
  expect(report.children.map(({ lastQueriedFor }) => lastQueriedFor)).toEqual([origin, null, null])
  const children = { prefix: 'a', children: ['a.b', 'a.c', 'a.d'] }
  expect(asked).toEqual([
    ['query-1', 'size', question],
    ['query-1', 'lastReads', children],
    ['query-2', 'lastReads', children],
  ])
  finishQueries()
  await Promise.all(queries)
})

test('only what was started is stopped', async () => {
  const { threads, ask, stopped } = scene(4)
  await ask()
  await threads.stop()
  expect(stopped).toEqual(['query-1'])
})
