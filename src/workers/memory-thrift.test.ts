import { afterEach, expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import type { LifeCalls } from './calls.ts'
import { MemoryThrift } from './memory-thrift.ts'
import type { Link } from './rpc.ts'

let thrift: MemoryThrift | undefined

afterEach(() => thrift?.end())

/** Two threads that answer as `answers` says. */
function scene(answers: { one: () => Promise<boolean>; two: () => Promise<boolean> }) {
  const clock = new FakeClock()
  const said: string[] = []
  let lastHeardMs = clock.nowMs()
  let metrics = 10
  let lastAskedMs = 0
  const link = (name: 'one' | 'two') =>
    ({
      call: async (method: string) => {
        said.push(`${method} ${name}`)
        return await answers[name]()
      },
    }) as unknown as Link<LifeCalls>
  thrift = new MemoryThrift({
    clock,
    lastHeardMs: () => lastHeardMs,
    lastAskedMs: () => lastAskedMs,
    metricCount: () => metrics,
    threads: () => [link('one'), link('two')],
    keeper: () => link('two'),
    shrinkHere: () => void said.push('here'),
    release: async () => void said.push('release'),
    allow: (isAllowed) => said.push(isAllowed ? 'allow' : 'forbid'),
  })
  return {
    /** What was said in that time. */
    after: async (seconds: number, isHeard = false, isAsked = false): Promise<string[]> => {
      said.length = 0
      for (let second = 0; second < seconds; second++) {
        if (isHeard) lastHeardMs = clock.nowMs() + 500
        if (isAsked) lastAskedMs = clock.nowMs() + 500
        clock.advance(1_000)
        await new Promise((resolve) => setImmediate(resolve))
      }
      return [...said]
    },
    count: (now: number) => {
      metrics = now
    },
    hear: () => {
      lastHeardMs = clock.nowMs()
    },
  }
}

const done = async () => true
const KEEPER_ALONE = ['allow', 'giveBack two', 'release', 'forbid']
const ROUND = ['allow', 'here', 'giveBack one', 'giveBack two', 'release', 'forbid']
/** What follows on a round within half a minute: after 2, 10 and 30 s. */
const AFTERMATH = ['release', 'release', 'release']

test('all are asked once after a start', async () => {
  const { after } = scene({ one: done, two: done })
  expect(await after(1)).toEqual(ROUND)
  expect(await after(2)).toEqual(['release'])
  expect(await after(7)).toEqual([])
  expect(await after(1)).toEqual(['release'])
  expect(await after(19)).toEqual([])
  expect(await after(1)).toEqual(['release'])
  expect(await after(600)).toEqual([])
})

test('and while somebody asks, only after a while, though no packet comes', async () => {
  const { after } = scene({ one: done, two: done })
  expect(await after(29, false, true)).toEqual([])
  expect(await after(40, false, true)).toEqual([...ROUND, ...AFTERMATH])
  expect(await after(600, false, true)).toEqual([])
})

test('and while packets come, only after a while, and not again', async () => {
  const { after } = scene({ one: done, two: done })
  expect(await after(29, true)).toEqual([])
  expect(await after(40, true)).toEqual([...ROUND, ...AFTERMATH])
  expect(await after(600, true)).toEqual([])
})

test('and again once packets have come and come no more', async () => {
  const { after, hear } = scene({ one: done, two: done })
  await after(40)
  hear()
  expect(await after(50)).toEqual([])
  hear()
  expect(await after(50)).toEqual([])
  expect(await after(60)).toEqual([...ROUND, ...AFTERMATH])
  expect(await after(600)).toEqual([])
})

test('and once many metrics have come anew, when they have settled', async () => {
  const { after, count } = scene({ one: done, two: done })
  await after(31)
  count(50_000)
  expect(await after(2.5, true)).toEqual([])
  count(100_000)
  expect(await after(2.5, true)).toEqual([])
  expect(await after(2.5, true)).toEqual(KEEPER_ALONE)
  expect(await after(30, true)).toEqual(AFTERMATH)
  count(100_900)
  expect(await after(60, true)).toEqual([])
  count(150_000)
  expect(await after(2.5, true)).toEqual([])
  expect(await after(2.5, true)).toEqual(KEEPER_ALONE)
})

test('and if one of them had no time', async () => {
  let isBusy = true
  const { after } = scene({ one: done, two: async () => !isBusy })
  expect(await after(1)).toEqual(ROUND)
  expect(await after(30)).toEqual(AFTERMATH)
  isBusy = false
  expect(await after(25)).toEqual([])
  expect(await after(60)).toEqual([...ROUND, ...AFTERMATH])
  expect(await after(600)).toEqual([])
})

test('one that dies keeps nobody from being asked', async () => {
  const { after } = scene({ one: () => Promise.reject(new Error('it ended')), two: done })
  expect(await after(1)).toEqual(ROUND)
  expect(await after(30)).toEqual(AFTERMATH)
  expect(await after(600)).toEqual([])
})

test('nobody is asked after the end', async () => {
  const { after } = scene({ one: done, two: done })
  thrift?.end()
  expect(await after(600)).toEqual([])
})
