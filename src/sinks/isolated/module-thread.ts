// The thread of one module that is not ours. What it throws, rejects with or leaks ends with this thread.
import { isatty } from 'node:tty'
import { parentPort, workerData } from 'node:worker_threads'
import type { BackendStat } from '../../model/backend-stat.ts'
import { SeriesReceiver } from '../../model/series-link.ts'
import { reasonOf } from '../../telemetry/errors.ts'
import { createLog } from '../../telemetry/log.ts'
import type { CreateSink, ModuleContext, ModuleSink } from '../own-sink.ts'
import { exportOf, loadModule } from './load-module.ts'
import type { FromModule, ModuleFailure, ModulePlan, ModuleTask, ToModule } from './messages.ts'
import { createStatsdBackend } from './statsd-backend.ts'

const MOST_REASON_CHARACTERS = 1_000

const plan = workerData as ModulePlan
const main = parentPort
if (main === null) throw new Error('BUG: this file runs as a worker thread')
const tell = (message: FromModule): void => main.postMessage(message)
const receiver = new SeriesReceiver()
const running = new Map<number, AbortController>()
const context: ModuleContext = {
  name: plan.name,
  log: createLog({ level: plan.logLevel, isTerminal: isatty(2) }, `module-${plan.name}`),
  deadLetters: {
    add: (reason, items, code) => tell({ kind: 'deadLetters', reason, items: plainOf(items), code }),
  },
}
const sink: ModuleSink & { stats?(): readonly BackendStat[] } = await open()

main.on('message', (message: ToModule) => {
  switch (message.kind) {
    case 'task':
      void run(message.id, message.task)
      break
    case 'abort':
      running.get(message.id)?.abort(new Error(message.reason))
      break
    case 'packets':
      sink.packets?.(message.batch)
      tell({ kind: 'tookPackets', byteCount: message.batch.bytes.length })
      break
    case 'close':
      void close()
      break
  }
})
tell({
  kind: 'loaded',
  carries: {
    flush: sink.flush !== undefined,
    points: sink.points !== undefined,
    events: sink.events !== undefined,
    packets: sink.packets !== undefined,
  },
})

async function open(): Promise<ModuleSink> {
  if (plan.kind === 'statsd-backend') return await createStatsdBackend(plan, context.log)
  const exports = await loadModule(plan.module, plan.directory)
  const create = exportOf(exports, 'create') ?? exports['default']
  if (typeof create !== 'function') throw new Error('it exports no function `create`')
  const made: unknown = await (create as CreateSink)(plan.options, context)
  if (typeof made !== 'object' || made === null) throw new Error('`create` returned no sink')
  const carries = ['flush', 'points', 'events', 'packets'].filter((name) => name in made)
  if (carries.length === 0)
    throw new Error('`create` returned a sink without any of flush, points, events and packets')
  return made
}

async function run(id: number, task: ModuleTask): Promise<void> {
  const controller = new AbortController()
  running.set(id, controller)
  try {
    const result = await hand(task, controller.signal)
    const refused = Number(result?.refusedPoints ?? 0)
    tell({
      kind: 'done',
      id,
      refusedPoints: Number.isSafeInteger(refused) ? Math.max(0, refused) : 0,
      stats: task.kind === 'flush' ? (sink.stats?.() ?? []) : [],
    })
  } catch (error) {
    tell({ kind: 'failed', id, failure: failureOf(error) })
  } finally {
    running.delete(id)
  }
}

/** Ids of series are learned from each message, whether the module carries it or not. */
async function hand(task: ModuleTask, signal: AbortSignal) {
  switch (task.kind) {
    case 'flush':
      return (await sink.flush?.(receiver.flush(task.batch), signal)) ?? undefined
    case 'points':
      return (await sink.points?.(receiver.points(task.batch), signal)) ?? undefined
    case 'events':
      return (await sink.events?.(task.batch, signal)) ?? undefined
  }
}

async function close(): Promise<void> {
  try {
    await sink.close?.()
  } catch (error) {
    context.log.warn({ reason: reasonOf(error) }, 'a module did not close cleanly')
  }
  tell({ kind: 'closed' })
}

/** Errors are from outside: anything may have been thrown. */
function failureOf(error: unknown): ModuleFailure {
  const { isRetryable, retryAfterMs } = (typeof error === 'object' && error !== null ? error : {}) as {
    readonly isRetryable?: unknown
    readonly retryAfterMs?: unknown
  }
  return {
    reason: reasonOf(error).slice(0, MOST_REASON_CHARACTERS),
    isRetryable: typeof isRetryable === 'boolean' ? isRetryable : undefined,
    retryAfterMs: typeof retryAfterMs === 'number' && retryAfterMs >= 0 ? retryAfterMs : undefined,
  }
}

/** What can cross to another thread. */
function plainOf(items: readonly unknown[]): readonly unknown[] {
  return items.map((item) => {
    try {
      return structuredClone(item)
    } catch {
      return String(item)
    }
  })
}
