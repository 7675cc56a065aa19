import { readFlags, usage } from '../config/flags.ts'
import { loadConfig } from '../config/load.ts'
import { nearestWord } from '../lib/nearest-word.ts'
import { systemClock } from '../lib/clock.ts'
import type { CommandContext } from './command.ts'
import { withoutWords } from './open-command-peer.ts'
import { printWarnings } from './print-error.ts'
import type { TransferContext } from './transfer/transfer-context.ts'

/** The words and flags behind `import` and `export`, and the configuration, which stands in no word but in `kymo.yaml` or flags. */
export function readTransfer(
  command: 'import' | 'export',
  { argv, env, cwd, stdout, stderr }: CommandContext,
  kinds: readonly string[],
): Omit<TransferContext, 'place' | 'open'> & { readonly words: readonly string[] } {
  const flags = readFlags(argv, command)
  const [kind = '', ...words] = flags.positionals
  if (!kinds.includes(kind)) {
    const nearest = nearestWord(kind, kinds)
    const hint = nearest === undefined ? '' : ` (did you mean ${nearest}?)`
    throw usage(
      kind === ''
        ? `${command} needs to know what: ${kinds.join(', ')}`
        : `there is no ${command} of "${kind}"${hint}; it is one of ${kinds.join(', ')}`,
    )
  }
  const { config, warnings } = loadConfig({ command, argv: withoutWords(flags), env, cwd })
  printWarnings(warnings, { stderr, env })
  return { config, given: flags.given, env, cwd, stdout, stderr, clock: systemClock, words: [kind, ...words] }
}
