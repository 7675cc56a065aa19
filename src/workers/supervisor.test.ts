import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Config } from '../config/config.ts'
import type { Clock } from '../lib/clock.ts'
import { systemClock } from '../lib/clock.ts'
import { silentLog } from '../telemetry/log.ts'
import { allocateOwnMetrics, layoutOwnMetrics, OwnMetrics, readOwnMetrics } from '../telemetry/own-metrics.ts'
import { BoundaryBoard } from './boundary-board.ts'
import type { LifeCalls, PeerName } from './calls.ts'
import { preloadWorker } from './spawn.ts'
import { Supervisor, type Thread } from './supervisor.ts'
import type { MortalCalls } from './testdata/mortal-worker.ts'

const MORTAL = new URL('./testdata/mortal-worker.ts', import.meta.url)
const THREADS = ['keeper', 'delivery', 'shard-0', 'query-1', 'query-8', 'query-9']
const layout = layoutOwnMetrics({ listener: [], sink: [], thread: THREADS })
const config = { log: { level: 'silent' } } as unknown as Config

let workers: Worker[] = []
let pauses: number[] = []
let mainBuffer = allocateOwnMetrics(layout)
let supervisor: Supervisor

/** The system's clock, which notes how long it was asked to wait and waits for a moment only. */
const hurried: Clock = {
  ...systemClock,
  after(delayMs, action) {
    pauses.push(delayMs)
    return systemClock.after(1, action)
  },
}

beforeEach(() => {
  workers = []
  pauses = []
  mainBuffer = allocateOwnMetrics(layout)
  supervisor = new Supervisor({
    setup: { config, isTerminal: false, metricsLayout: layout, boundaryBuffer: BoundaryBoard.allocate(1) },
    ownMetrics: new OwnMetrics(layout, mainBuffer),
    fromWorkers: {
      rejected() {},
      lineSampled() {},
      tapped() {},
      flushed() {},
      sinks() {},
      heard() {},
      arrived() {},
      firstMetric() {},
      recovering() {},
      storeProblem() {},
    },
    clock: hurried,
    log: silentLog,
    spawn: (_name, setup) => {
      const worker = preloadWorker('query', setup.threadName, MORTAL).begin(setup)
      workers.push(worker)
      return worker
    },
  })
})
afterEach(() => supervisor.terminateAll())

function start(peer: PeerName, needs: PeerName[] = []): Promise<Thread<MortalCalls & LifeCalls>> {
  return supervisor.start<MortalCalls & LifeCalls>(
    { worker: 'query', peer, open: (link) => link.call('open', null) },
    needs,
  )
}

const restarts = (thread: string): number | undefined =>
  readOwnMetrics(layout, [mainBuffer]).get(`kymo_worker_restarts_total{thread="${thread}"}`)
const summed = (slot: string): number | undefined =>
  readOwnMetrics(layout, supervisor.metricsBuffers()).get(slot)

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 10_000
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`waited in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

async function kill(thread: Thread<MortalCalls & LifeCalls>): Promise<void> {
  const before = workers.length
  thread.link().notify('die', null)
  await until('another thread is there', () => workers.length > before)
  await until('it is open', () => supervisor.downReason() === undefined)
}

describe('a thread that dies', () => {
  test('is started again, opened again, counted, and its counters go on', async () => {
    const thread = await start('query-1')
    expect(summed('kymo_queries_total')).toBe(1)
    await kill(thread)
    expect(await thread.link().call('history', null)).toEqual(['open'])
    expect(restarts('query-1')).toBe(1)
    expect(summed('kymo_queries_total')).toBe(2)
  })

  test('is said to be down until it is open', async () => {
    const thread = await start('query-1')
    expect(supervisor.downReason()).toBeUndefined()
    thread.link().notify('die', null)
    await until('it is missed', () => supervisor.downReason() !== undefined)
    expect(supervisor.downReason()).toContain('query-1')
    await until('it is back', () => supervisor.downReason() === undefined)
  })

  test('takes the calls that wait with it, and those that come before the next one is there', async () => {
    const thread = await start('query-1')
    const waiting = thread.link().call('hang', null)
    const link = thread.link()
    link.notify('die', null)
    await expect(waiting).rejects.toMatchObject({
      code: 'worker-died',
      details: { name: 'query-1', reason: 'a mortal thread' },
    })
    await expect(link.call('history', null)).rejects.toMatchObject({ code: 'worker-died' })
  })

  test('is missed by its peers: what they have asked it is rejected', async () => {
    const keeper = await start('keeper')
    const query = await start('query-1', ['keeper'])
    // The keeper is too busy to answer, and then dies.
    expect(await query.link().call('greet', null)).toEqual(['keeper'])
    await workers[0]?.terminate()
    const greeting = query.link().call('greet', null)
    await greeting.catch((error: unknown) => expect(error).toMatchObject({ code: 'worker-died' }))
    await until('the keeper is back', () => supervisor.downReason() === undefined)
    expect(await query.link().call('greet', null)).toEqual(['keeper'])
    expect(await keeper.link().call('greet', null)).toEqual(['query-1'])
  })

  test('is given what it needs before it opens, and to those who need it afterwards', async () => {
    await start('delivery')
    const keeper = await start('keeper', ['delivery'])
    const shard = await start('shard-0', ['keeper'])
    await kill(keeper)
    expect(await keeper.link().call('history', null)).toEqual(['connect delivery', 'open', 'connect shard-0'])
    expect(await shard.link().call('history', null)).toEqual(['connect keeper', 'open', 'connect keeper'])
    expect(await keeper.link().call('greet', null)).toEqual(['delivery', 'shard-0'])
    expect(await shard.link().call('greet', null)).toEqual(['keeper'])
  })

  test('is connected to a peer that is started after it, once that is open', async () => {
    const keeper = await start('keeper', ['delivery'])
    expect(await keeper.link().call('history', null)).toEqual(['open'])
    await start('delivery')
    expect(await keeper.link().call('history', null)).toEqual(['open', 'connect delivery'])
    expect(await keeper.link().call('greet', null)).toEqual(['delivery'])
    await kill(keeper)
    expect(await keeper.link().call('history', null)).toEqual(['connect delivery', 'open'])
  })

  test('together with its peer finds it again', async () => {
    await start('delivery')
    const keeper = await start('keeper', ['delivery'])
    await Promise.all(workers.slice(0, 2).map((worker) => worker.terminate()))
    await until('both are back', () => workers.length === 4 && supervisor.downReason() === undefined)
    await until('they are connected', async () => {
      const greetings: string[] = await keeper
        .link()
        .call('greet', null)
        .catch(() => [])
      return greetings.includes('delivery')
    })
  })

  test('again and again waits longer each time, up to a limit', async () => {
    const thread = await start('query-1')
    for (let death = 0; death < 9; death++) await kill(thread)
    expect(pauses).toEqual([50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
    expect(restarts('query-1')).toBe(9)
  })
})

describe('a thread that does not open', () => {
  test('the first time is told to whoever starts it', async () => {
    await expect(start('query-8')).rejects.toThrow('not in the mood')
  })

  test('because it dies is told as its death', async () => {
    await expect(start('query-9')).rejects.toMatchObject({ code: 'worker-died' })
  })

  test('after its first life is tried again, and stays down', async () => {
    let mood: 'good' | 'bad' = 'good'
    await supervisor.start<MortalCalls & LifeCalls>({
      worker: 'query',
      peer: 'query-1',
      open: async (link) => {
        await link.call('open', null)
        if (mood === 'bad') throw new Error('not today')
      },
    })
    mood = 'bad'
    await workers[0]?.terminate()
    await until('it has been tried a few times', () => workers.length > 3)
    expect(supervisor.downReason()).toContain('query-1')
    mood = 'good'
    await until('it is back', () => supervisor.downReason() === undefined)
  })
})

describe('another configuration', () => {
  const setup = (level: string) => ({
    config: { log: { level } } as unknown as Config,
    metricsLayout: layout,
  })

  test('reaches every thread, and those that are started later', async () => {
    const keeper = await start('keeper')
    await supervisor.reconfigure(setup('warn'))
    expect(await keeper.link().call('history', null)).toEqual(['open', 'reconfigure warn'])
    const query = await start('query-1')
    expect(await query.link().call('level', null)).toBe('warn')
    expect(await query.link().call('history', null)).toEqual(['open'])
  })

  test('is what a thread is started again with', async () => {
    const thread = await start('query-1')
    await supervisor.reconfigure(setup('warn'))
    await kill(thread)
    expect(await thread.link().call('level', null)).toBe('warn')
  })

  test('does not wait for a thread that is down, or dies meanwhile', async () => {
    const thread = await start('query-1')
    const other = await start('shard-0')
    await workers[0]?.terminate()
    other.link().notify('die', null)
    await supervisor.reconfigure(setup('warn'))
    await until('all are back', () => workers.length >= 4 && supervisor.downReason() === undefined)
    for (const restarted of [thread, other]) {
      const history = await restarted.link().call('history', null)
      const level = await restarted.link().call('level', null)
      expect(level === 'warn' || history.includes('reconfigure warn')).toBe(true)
    }
  })

  test('that a thread cannot take is told', async () => {
    await start('keeper')
    await expect(supervisor.reconfigure(setup('error'))).rejects.toThrow('does not like')
  })
})

describe('stopping', () => {
  test('lets a thread finish, and ends it for good', async () => {
    await start('query-1')
    await supervisor.stop('query-1')
    expect(summed('kymo_flushes_total')).toBe(1)
    expect(workers[0]?.threadId).toBe(-1)
    await supervisor.stop('query-1')
    expect(workers.length).toBe(1)
    expect(restarts('query-1')).toBe(0)
  })

  test('does not start again what is down', async () => {
    await start('query-1')
    await workers[0]?.terminate()
    await until('it is missed', () => supervisor.downReason() !== undefined)
    await supervisor.stop('query-1')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(workers.every((worker) => worker.threadId === -1)).toBe(true)
    expect(workers.length).toBeLessThanOrEqual(2)
  })

  test('ends a thread that dies of it', async () => {
    const thread = await start('query-1')
    thread.link().notify('die', null)
    await supervisor.stop('query-1')
    expect(workers.length).toBe(1)
  })

  test('what is discarded can be started anew', async () => {
    await start('keeper')
    await start('query-1', ['keeper'])
    await supervisor.discard(['query-1'])
    const again = await start('query-1', ['keeper'])
    expect(await again.link().call('history', null)).toEqual(['connect keeper', 'open'])
    expect(workers.length).toBe(3)
  })
})
