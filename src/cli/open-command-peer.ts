import { type GivenFlags, readFlags } from '../config/flags.ts'
import { loadConfig } from '../config/load.ts'
import { systemClock } from '../lib/clock.ts'
import type { CommandContext } from './command.ts'
import { printWarnings } from './print-error.ts'
import type { KymoPeer } from './transfer/kymo-peer.ts'
import { type OpenPeer, openPeer } from './transfer/open-peer.ts'
import { valueOf } from './transfer/transfer-context.ts'

export interface CommandPeer extends GivenFlags {
  readonly peer: KymoPeer
}

/** The Kymo that a command is to act on, which the caller has to close, and what is behind the command. The configuration stands in `kymo.yaml` or flags. */
export async function openCommandPeer(
  command: string,
  { argv, env, cwd, stderr }: CommandContext,
  open: OpenPeer = openPeer,
): Promise<CommandPeer> {
  const flags = readFlags(argv, command)
  const { config, warnings } = loadConfig({ command, argv: withoutWords(flags), env, cwd })
  printWarnings(warnings, { stderr, env })
  return { ...flags, peer: await open(config, valueOf(flags, 'url'), systemClock) }
}

/** Flags alone: words are not names of configuration files here. */
export function withoutWords({ given }: GivenFlags): string[] {
  return [...given].map(([name, value]) => (value === true ? `--${name}` : `--${name}=${value}`))
}
