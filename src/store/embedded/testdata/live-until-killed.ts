// A process that lives through a history until it kills itself, at once and from another thread, in the middle of whatever it
// is doing; what that is it says beforehand:
//
//   recovering          it opens the store
//   opened
//   sealing begins      ... ends; merging and folding likewise
//   safe 17             all up to step 17 was synced, and has to be found again
import { writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { Worker } from 'node:worker_threads'
import { openEmbeddedStore } from '../open-embedded-store.ts'
import { operationsOf, perform } from './history.ts'
import { toldPacker } from './told-packer.ts'

export interface LifePlan {
  readonly path: string
  readonly seed: number
  readonly firstStep: number
  readonly packsIn: 'thread' | 'here'
  /** It ends so long after one of these has begun for the so-manieth time, or after `mostSteps` in any case. */
  readonly killedWhile: Stage
  readonly times: number
  readonly delayMs: number
  readonly mostSteps: number
}

export type Stage = (typeof STAGES)[number]
const STAGES = ['recovering', 'writing', 'sealing', 'merging', 'folding'] as const

/** How often each stage has begun; behind them, whether the killer is there. */
const begun = new Int32Array(new SharedArrayBuffer((STAGES.length + 1) * 4))

const KILLER = `
  const { begun, stage, times, delayMs } = require('node:worker_threads').workerData
  Atomics.store(begun, begun.length - 1, 1)
  Atomics.notify(begun, begun.length - 1)
  for (let seen = 0; (seen = Atomics.load(begun, stage)) < times; ) Atomics.wait(begun, stage, seen)
  for (const endMs = performance.now() + delayMs; performance.now() < endMs; );
  process.kill(process.pid, 'SIGKILL')
`

function begins(stage: Stage, count = 1): void {
  Atomics.add(begun, STAGES.indexOf(stage), count)
  Atomics.notify(begun, STAGES.indexOf(stage))
}

function say(line: string): void {
  writeSync(1, `${line}\n`)
}

async function live(plan: LifePlan): Promise<void> {
  const { path, seed, killedWhile, times, delayMs } = plan
  new Worker(KILLER, { eval: true, workerData: { begun, stage: STAGES.indexOf(killedWhile), times, delayMs } })
  Atomics.wait(begun, STAGES.length, 0)

  say('recovering')
  begins('recovering')
  const packer = toldPacker(plan.packsIn, (stage, edge) => {
    say(`${stage} ${edge}`)
    if (edge === 'begins') begins(stage)
  })
  // So small that it seals and merges all the time.
  const { engine } = await openEmbeddedStore({ path, segmentBytes: 2_048, packer })
  say('opened')
  for (let step = plan.firstStep; ; step++) {
    if (step === plan.firstStep + plan.mostSteps) begins(killedWhile, times)
    begins('writing')
    for (const operation of operationsOf(seed, step)) await perform(engine, operation)
    await engine.sync()
    say(`safe ${step}`)
  }
}

const [plan] = process.argv.slice(2)
// What is loaded is compiled once, not once for each life.
flushCompileCache()
if (plan !== undefined) await live(JSON.parse(plan) as LifePlan)
