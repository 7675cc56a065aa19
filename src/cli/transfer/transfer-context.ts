import path from 'node:path'
import type { Config } from '../../config/config.ts'
import { usage } from '../../config/flags.ts'
import type { Clock } from '../../lib/clock.ts'
import { createRuleBook, type RuleBook } from '../../store/rules/index.ts'
import type { CommandContext } from '../command.ts'
import type { OpenPeer } from './open-peer.ts'
import { parseTime } from './parse-time.ts'

/** What moving points in or out is given. */
export interface TransferContext extends Pick<CommandContext, 'env' | 'cwd' | 'stdout' | 'stderr'> {
  readonly config: Config
  /** Flags, by name. */
  readonly given: ReadonlyMap<string, string | true>
  /** A file or a directory, as it was named; `-`: a stream. */
  readonly place: string
  readonly clock: Clock
  readonly open: OpenPeer
}

/** Of a flag that takes a value. */
export function valueOf({ given }: Pick<TransferContext, 'given'>, flag: string): string | undefined {
  const value = given.get(flag)
  return value === true ? undefined : value
}

/** A file or directory, whatever it was named from. */
export function pathOf({ cwd }: Pick<TransferContext, 'cwd'>, name: string): string {
  return path.resolve(cwd, name)
}

/** Epoch milliseconds; undefined: the flag was not given. Throws the KymoError `usage`. */
export function timeOf(context: Pick<TransferContext, 'given'>, flag: string): number | undefined {
  const text = valueOf(context, flag)
  if (text === undefined) return undefined
  const timeMs = parseTime(text)
  if (Number.isNaN(timeMs))
    throw usage(`--${flag}: "${text.slice(0, 60)}" is no time such as 1700000000 or 2026-01-31T12:00:00Z`)
  return timeMs
}

/** How long and how fine series are kept. */
export function rulesOf({ config }: Pick<TransferContext, 'config'>): RuleBook {
  return createRuleBook(config.store.rules)
}
