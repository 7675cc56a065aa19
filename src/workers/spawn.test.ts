import type { Worker } from 'node:worker_threads'
import { afterEach, expect, test, vi } from 'vitest'
import type { Config } from '../config/config.ts'
import { allocateOwnMetrics, layoutOwnMetrics } from '../telemetry/own-metrics.ts'
import { BoundaryBoard } from './boundary-board.ts'
import type { LifeCalls } from './calls.ts'
import { openLink } from './rpc.ts'
import { preloadWorker } from './spawn.ts'
import type { MortalCalls } from './testdata/mortal-worker.ts'
import type { WorkerSetup } from './worker-setup.ts'

const MORTAL = new URL('./testdata/mortal-worker.ts', import.meta.url)
const layout = layoutOwnMetrics({ listener: [], sink: [], thread: [] })
const setup: WorkerSetup = {
  threadName: 'query-1',
  config: { log: { level: 'warn' } } as unknown as Config,
  isTerminal: false,
  metricsLayout: layout,
  metricsBuffer: allocateOwnMetrics(layout),
  boundaryBuffer: BoundaryBoard.allocate(1),
  shardId: -1,
}

let worker: Worker | undefined

afterEach(async () => {
  await worker?.terminate()
  worker = undefined
})

/** Given its time, so that it waits. */
async function preloaded() {
  const waiting = preloadWorker('query', 'query-1', MORTAL)
  await new Promise((resolve) => setTimeout(resolve, 300))
  return waiting
}

async function levelOf(begun: Worker): Promise<string> {
  worker = begun
  return await openLink<MortalCalls & LifeCalls>(begun).call('level', null)
}

test('a thread that was loaded before it was known with what begins with that', async () => {
  const waiting = await preloaded()
  expect(await levelOf(waiting.begin(setup))).toBe('warn')
})

test('one that is told at once begins once it is loaded', async () => {
  const waiting = preloadWorker('query', 'query-1', MORTAL)
  expect(await levelOf(waiting.begin(setup))).toBe('warn')
})

test('one that cannot be loaded ends nothing but itself', async () => {
  const waiting = preloadWorker('query', 'query-1', new URL('./testdata/no-such-worker.ts', import.meta.url))
  await vi.waitUntil(() => waiting.hasEnded, { timeout: 10_000 })
})

test('one that has just begun can be ended', async () => {
  const waiting = await preloaded()
  expect(waiting.hasEnded).toBe(false)
  const begun = waiting.begin(setup)
  await begun.terminate()
  expect(begun.threadId).toBe(-1)
})
