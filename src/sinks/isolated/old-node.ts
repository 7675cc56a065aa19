import { createRequire } from 'node:module'
import { inspect, types } from 'node:util'

/**
 * What Node had when backends for etsy/statsd were written, and has not any more: some of `util`. They are given it back, in the thread of
 * such a backend alone.
 */
export function restoreOldNode(write: (line: string) => void, now: () => Date): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>
  const lost: Readonly<Record<string, unknown>> = {
    log: (...parts: readonly unknown[]) => write(`${now().toUTCString()} - ${parts.map(textOf).join(' ')}\n`),
    print: (...parts: readonly unknown[]) => write(parts.map(textOf).join('')),
    puts: (...parts: readonly unknown[]) => write(parts.map((part) => `${textOf(part)}\n`).join('')),
    isArray: Array.isArray,
    isBoolean: (value: unknown) => typeof value === 'boolean',
    isBuffer: (value: unknown) => Buffer.isBuffer(value),
    isDate: types.isDate,
    isError: (value: unknown) => value instanceof Error,
    isFunction: (value: unknown) => typeof value === 'function',
    isNull: (value: unknown) => value === null,
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isNumber: (value: unknown) => typeof value === 'number',
    isObject: (value: unknown) => typeof value === 'object' && value !== null,
    isRegExp: types.isRegExp,
    isString: (value: unknown) => typeof value === 'string',
    isUndefined: (value: unknown) => value === undefined,
  }
  for (const [name, value] of Object.entries(lost)) util[name] ??= value
}

function textOf(part: unknown): string {
  return typeof part === 'string' ? part : inspect(part)
}
