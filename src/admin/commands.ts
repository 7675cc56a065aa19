import type { Clock } from '../lib/clock.ts'
import type { Deletion } from './delete-metrics.ts'
import { printMetrics } from './print-metrics.ts'
import type { AdminMetricType, AdminServices } from './services.ts'

/** What commands act on. */
export interface AdminState {
  /** What monitors are told; an operator takes a machine out of service by setting it down. */
  isHealthy: boolean
}

export interface CommandContext {
  readonly state: AdminState
  /** Undefined where no metrics are kept: what asks for them is refused. */
  readonly services: AdminServices
  /** Metrics may be deleted. */
  readonly isWritable: boolean
  readonly clock: Clock
}

type Answer = string | undefined

/** Answers a command; undefined ends the connection. */
type AdminCommand = (words: readonly string[], context: CommandContext) => Answer | Promise<Answer>

/** The commands there are, in the order in which `help` lists them. */
export const COMMANDS: ReadonlyMap<string, AdminCommand> = new Map<string, AdminCommand>([
  ['stats', asking((services, _words, { clock }) => stats(services, clock))],
  ['counters', metricsOf('counter')],
  ['timers', metricsOf('timer')],
  ['gauges', metricsOf('gauge')],
  ['delcounters', deleting('counter', 'delcounters')],
  ['deltimers', deleting('timer', 'deltimers')],
  ['delgauges', deleting('gauge', 'delgauges')],
  ['health', (words, { state }) => health(words, state)],
  ['config', asking(config)],
  ['quit', () => undefined],
  ['help', () => `Commands: ${[...COMMANDS.keys()].filter((name) => name !== 'help').join(', ')}\n\n`],
])

/** A command that asks the rest of Kymo. */
function asking(
  ask: (
    services: AdminServices,
    words: readonly string[],
    context: CommandContext,
  ) => string | Promise<string>,
): AdminCommand {
  return (words, context) => ask(context.services, words, context)
}

function stats(services: AdminServices, clock: Clock): string {
  const nowSeconds = Math.round(clock.nowMs() / 1000)
  const lines = [
    `uptime: ${Math.round(services.uptimeSeconds())}`,
    `messages.last_msg_seen: ${nowSeconds - Math.round(services.lastMessageSeenSeconds())}`,
    `messages.bad_lines_seen: ${services.badLinesSeen()}`,
  ]
  for (const { name, stat, value } of services.sinkStats()) {
    const shown = stat.startsWith('last_') ? nowSeconds - Math.round(value) : value
    lines.push(`${name}.${stat}: ${shown}`)
  }
  return `${lines.join('\n')}\nEND\n\n`
}

function metricsOf(type: AdminMetricType): AdminCommand {
  return asking(async (services) => printMetrics(await services.openMetrics(type)))
}

function deleting(type: AdminMetricType, name: string): AdminCommand {
  return asking(async (services, words, { isWritable }) => {
    if (!isWritable) return `ERROR: ${name} is not allowed here; admin.writable allows it\n`
    const deletions = await services.deleteMetrics(type, words)
    return `${deletions.flatMap(deletionLines).join('')}END\n\n`
  })
}

function deletionLines({ argument, names, count }: Deletion): string[] {
  if (count === 0) return [`metric ${argument} not found\n`]
  const lines = names.map((name) => `deleted: ${name}\n`)
  if (count > names.length) lines.push(`... ${count - names.length} more deleted\n`)
  return lines
}

/** `health` tells, `health up` and `health down` set and tell. As with etsy, any other word changes nothing. */
function health(words: readonly string[], state: AdminState): string {
  const wanted = words[0]?.toLowerCase()
  if (wanted === 'up') state.isHealthy = true
  if (wanted === 'down') state.isHealthy = false
  return `health: ${state.isHealthy ? 'up' : 'down'}\n`
}

/** A line that is empty, then one for each setting; etsy has no END here. */
function config(services: AdminServices): string {
  const lines = services.config().map(({ path, value }) => `${path.join(' > ')}: ${onOneLine(value)}\n`)
  return `\n${lines.join('')}`
}

/** A value of several lines would pass for other settings. */
function onOneLine(value: string): string {
  return value.replace(/[\r\n]+/g, ' ')
}
