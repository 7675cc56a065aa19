import { systemClock } from '../lib/clock.ts'
import { escapeForTerminal } from './escape-for-terminal.ts'
import { LogDestination } from './log-destination.ts'

/**
 * The log. Data goes to stdout, talk to stderr: this is talk. On a terminal it is a line to read, elsewhere a line
 * of JSON. Text from outside is always a field, never part of the message, and fields are escaped on both ways out.
 *
 *   {"level":40,"time":"2026-11-26T01:02:03.456Z","thread":"keeper","shards":[1],"msg":"a shard was late"}
 */
export interface Log {
  /** What is less than this is not written. May change at any time. */
  level: LogLevel
  debug: LogMethod
  info: LogMethod
  warn: LogMethod
  error: LogMethod
}

export interface LogMethod {
  /** Of `err`, type, message, stack and code are written. */
  (fields: object, text: string): void
  (text: string): void
}

/** As numbers, those that pino and bunyan have. */
const LEVELS = { debug: 20, info: 30, warn: 40, error: 50, silent: Infinity } as const
export type LogLevel = keyof typeof LEVELS

export interface LogOptions {
  readonly level: LogLevel
  readonly isTerminal: boolean
}

export function createLog({ level, isTerminal }: LogOptions, thread: string): Log {
  const destination = new LogDestination({ descriptor: 2 })
  const write = isTerminal ? writeForTerminal : (line: string) => destination.write(line)
  return createLineLog({ level, base: { thread }, write })
}

export interface LineLogOptions {
  readonly level: LogLevel
  /** Fields of every line. */
  readonly base?: object
  /** Takes one line of JSON, with its end. */
  readonly write: (line: string) => void
}

/** For tests that look on. */
export function createLineLog({ level, base = {}, write }: LineLogOptions): Log {
  const methodOf =
    (name: Exclude<LogLevel, 'silent'>): LogMethod =>
    (...given: readonly [object, string] | readonly [string]) => {
      if (LEVELS[name] < LEVELS[log.level]) return
      const [fields, msg] = given.length === 1 ? [{}, given[0]] : given
      const time = new Date(systemClock.nowMs()).toISOString()
      write(`${JSON.stringify({ level: LEVELS[name], time, ...base, ...readable(fields), msg })}\n`)
    }
  const log: Log = {
    level,
    debug: methodOf('debug'),
    info: methodOf('info'),
    warn: methodOf('warn'),
    error: methodOf('error'),
  }
  return log
}

/** For tests and for parts that are handed no log. */
export const silentLog: Log = createLineLog({ level: 'silent', write: () => {} })

/** JSON shows nothing of an error. */
function readable(fields: object): object {
  const { err } = fields as { err?: unknown }
  if (!(err instanceof Error)) return fields
  const { name: type, message, stack } = err
  return { ...fields, err: { type, message, stack, ...('code' in err ? { code: err.code } : {}) } }
}

const LEVEL_MARKS: Readonly<Record<number, string>> = { 20: '·', 30: '·', 40: '!', 50: '✗' }

function writeForTerminal(line: string): void {
  const { level, msg, time: _time, thread: _thread, ...fields } = JSON.parse(line) as Record<string, unknown>
  const mark = LEVEL_MARKS[Number(level)] ?? '·'
  const details = Object.entries(fields)
    .map(
      ([key, value]) =>
        `${key}=${escapeForTerminal(typeof value === 'string' ? value : JSON.stringify(value))}`,
    )
    .join(' ')
  process.stderr.write(`  ${mark} ${String(msg)}${details === '' ? '' : `  ${details}`}\n`)
}
