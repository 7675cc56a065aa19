import { EventEmitter } from 'node:events'
import { isIPv6 } from 'node:net'
import { systemClock } from '../../lib/clock.ts'
import type { BackendStat } from '../../model/backend-stat.ts'
import type { FlushBatch } from '../../model/flush-batch.ts'
import type { PacketBatch } from '../../model/packet-batch.ts'
import { reasonOf } from '../../telemetry/errors.ts'
import type { Log } from '../../telemetry/log.ts'
import type { ModuleSink } from '../own-sink.ts'
import { type BackendMetricsOptions, toBackendMetrics } from './backend-metrics.ts'
import { exportOf, loadModule } from './load-module.ts'
import type { ModulePlan } from './messages.ts'
import { restoreOldNode } from './old-node.ts'

/** `options` of the plan. */
interface BackendOptions {
  /** As in the file of etsy/statsd. */
  readonly config: Readonly<Record<string, unknown>> | undefined
  /** It is given what is received. */
  readonly packets: boolean
}

const MOST_STATS = 1_000

type Init = (startupTime: number, config: object, emitter: EventEmitter, logger: BackendLogger) => unknown

interface BackendLogger {
  log(message: unknown, type?: string): void
}

/**
 * A backend made for etsy/statsd, as a sink: `init(startupTime, config, emitter, logger)`, and events.
 *
 *   flush(seconds, metrics)   of each interval, once it is over
 *   packet(message, sender)   of each packet, if the sink has `packets`
 *   status(write)             behind each flush: what it says is in the console's `stats`
 */
export async function createStatsdBackend(
  plan: ModulePlan,
  log: Log,
): Promise<ModuleSink & { stats(): readonly BackendStat[] }> {
  const { config = {}, packets } = plan.options as BackendOptions
  restoreOldNode(
    (line) => process.stdout.write(line),
    () => new Date(systemClock.nowMs()),
  )
  const init = exportOf(await loadModule(plan.module, plan.directory), 'init')
  if (typeof init !== 'function') throw new Error('it exports no function `init`')
  const emitter = new EventEmitter()
  const startupSeconds = Math.round(systemClock.nowMs() / 1_000)
  const isWell: unknown = (init as Init)(startupSeconds, config, emitter, loggerOf(log))
  if (!isWell) throw new Error('its `init` says that something is wrong with its configuration')
  if (!packets && emitter.listenerCount('packet') > 0)
    log.warn(
      { sink: plan.name },
      'a backend listens for packets, and is given none: its sink has to say `packets: true`',
    )

  const settings = settingsOf(config)
  let isSummaryTold = false
  return {
    flush(batch) {
      const metrics = toBackendMetrics(batch, settings)
      const { timers, sets } = metrics.summarized
      if (!isSummaryTold && timers.length + sets.length > 0) {
        isSummaryTold = true
        const fields = {
          sink: plan.name,
          timers: timers.length,
          sets: sets.length,
          first: timers[0] ?? sets[0],
        }
        log.warn(
          fields,
          'a backend is given timers without their values, or sets without their members: there were more than are kept',
        )
      }
      emitFlush(emitter, batch, metrics)
    },
    ...(packets ? { packets: (batch: PacketBatch) => emitPackets(emitter, batch) } : {}),
    stats: () => statsOf(emitter),
  }
}

function emitFlush(emitter: EventEmitter, { timestampMs }: FlushBatch, metrics: object): void {
  try {
    emitter.emit('flush', Math.round(timestampMs / 1_000), metrics)
  } catch (error) {
    // What it had sent by then is not known: it must not be sent twice.
    throw Object.assign(new Error(reasonOf(error), { cause: error }), { isRetryable: false })
  }
}

function emitPackets(emitter: EventEmitter, { bytes, ends, senders }: PacketBatch): void {
  let start = 0
  for (const [index, end] of ends.entries()) {
    const { address = '', port = 0 } = senders[index] ?? {}
    const family = isIPv6(address) ? 'IPv6' : 'IPv4'
    emitter.emit('packet', Buffer.from(bytes.subarray(start, end)), {
      address,
      port,
      family,
      size: end - start,
    })
    start = end
  }
}

/** What it says at once; some say it later, and are not heard. */
function statsOf(emitter: EventEmitter): readonly BackendStat[] {
  const stats: BackendStat[] = []
  let isOpen = true
  emitter.emit('status', (error: unknown, name: unknown, stat: unknown, value: unknown) => {
    const isWell = error === null || error === undefined
    if (isOpen && isWell && stats.length < MOST_STATS && typeof value === 'number' && Number.isFinite(value))
      stats.push({ name: String(name), stat: String(stat), value })
  })
  isOpen = false
  return stats
}

function loggerOf(log: Log): BackendLogger {
  return {
    log(message, type = '') {
      const level = /err|crit|alert|emerg/i.test(type) ? 'error' : /warn/i.test(type) ? 'warn' : 'info'
      log[level](
        { type, text: typeof message === 'string' ? message : reasonOf(message) },
        'a backend says something',
      )
    },
  }
}

function settingsOf(config: Readonly<Record<string, unknown>>): BackendMetricsOptions {
  const { percentThreshold, histogram = [], prefixStats } = config
  const percentiles = Array.isArray(percentThreshold) ? percentThreshold : [percentThreshold ?? 90]
  return {
    pctThreshold: percentiles.filter((one): one is number => typeof one === 'number'),
    histogram,
    prefixStats: typeof prefixStats === 'string' ? prefixStats : 'statsd',
  }
}
