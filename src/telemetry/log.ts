import { pino, type Logger } from 'pino'
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

/** Quotes text from outside so that no control character reaches a terminal or breaks a line. */
export function escapeForTerminal(text: string): string {
  // Everything that is not plainly printable: C0, DEL, C1, bidirectional overrides, line separators.
  return text.replace(
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
    },
  )
}
