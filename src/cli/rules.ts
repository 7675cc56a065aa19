import type { GivenFlags } from '../config/flags.ts'
import { loadConfig } from '../config/load.ts'
import { systemClock } from '../lib/clock.ts'
import type { RuleBookSource } from '../store/rules/index.ts'
import type { CommandContext } from './command.ts'
import { printWarnings } from './print-error.ts'
import { renderRules } from './render-rules.ts'
import { createStyle } from './style.ts'
import { type OpenPeer, openPeer } from './transfer/open-peer.ts'
import { valueOf } from './transfer/transfer-context.ts'

const RULE_FLAGS = ['storage-schemas', 'storage-aggregation']

/**
 * What the rules of a configuration do to the series that there are, and what that changes:
 * `kymo rules [CONFIG] [--storage-schemas FILE] [--storage-aggregation FILE] [--json]`. A Kymo that runs compares them with those in force; of a data directory that none
 * runs on, those in force are the configuration's without the two flags.
 */
export async function run(context: CommandContext, open: OpenPeer = openPeer): Promise<number> {
  const { argv, env, cwd, stdout, stderr } = context
  const { config, flags, warnings } = loadConfig({ command: 'rules', argv, env, cwd })
  printWarnings(warnings, { stderr, env })
  const before = rulesWithoutFlags(context, flags)
  const peer = await open(config, valueOf(flags, 'url'), systemClock)
  try {
    const answer = await peer.rules({
      after: config.store.rules,
      ...(before === undefined ? {} : { before }),
    })
    if (flags.given.has('json')) stdout.write(`${JSON.stringify(answer, null, 2)}\n`)
    else stdout.write(renderRules(answer, peer.name, createStyle(stdout, env)))
    return 0
  } finally {
    await peer.close()
  }
}

/** undefined: neither flag is given. */
function rulesWithoutFlags({ env, cwd }: CommandContext, flags: GivenFlags): RuleBookSource | undefined {
  if (!RULE_FLAGS.some((name) => flags.given.has(name))) return undefined
  const given = [...flags.given].filter(([name]) => !RULE_FLAGS.includes(name))
  const argv = given.map(([name, value]) => (value === true ? `--${name}` : `--${name}=${value}`))
  return loadConfig({ command: 'rules', argv: [...argv, ...flags.positionals], env, cwd }).config.store.rules
}
