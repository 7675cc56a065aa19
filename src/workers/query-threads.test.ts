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

test('only what was started is stopped', async () => {
  const { threads, ask, stopped } = scene(4)
  await ask()
  await threads.stop()
  expect(stopped).toEqual(['query-1'])
})
