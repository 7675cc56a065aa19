import { pino, type Logger } from 'pino'
import { escapeForTerminal } from './escape-for-terminal.ts'
import { LogDestination } from './log-destination.ts'

/**
 * The log. Data goes to stdout, talk to stderr: this is talk. On a terminal it is a line to read, elsewhere a line
 * of JSON. Text from outside is always a field, never part of the message, and fields are escaped on both ways out.
 */
export type Log = Logger

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

export interface LogOptions {
  readonly level: LogLevel
  readonly isTerminal: boolean
}

export function createLog(options: LogOptions, thread: string): Log {
  const destination = options.isTerminal ? { write: writeForTerminal } : new LogDestination({ descriptor: 2 })
  return pino(
    { level: options.level, base: { thread }, timestamp: pino.stdTimeFunctions.isoTime },
    destination,
  )
}

/** For tests and for parts that are handed no log. */
export const silentLog: Log = pino({ level: 'silent' })

const LEVEL_MARKS: Readonly<Record<number, string>> = { 20: '·', 30: '·', 40: '!', 50: '✗', 60: '✗' }

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
