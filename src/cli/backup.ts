import path from 'node:path'
import { usage } from '../config/flags.ts'
import { escapeForTerminal } from '../telemetry/escape-for-terminal.ts'
import type { CommandContext } from './command.ts'
import { openCommandPeer } from './open-command-peer.ts'
import { createStyle } from './style.ts'
import type { OpenPeer } from './transfer/open-peer.ts'

/** Makes a backup: `kymo backup DIR`. */
export async function run(context: CommandContext, open?: OpenPeer): Promise<number> {
  const { positionals, given, peer } = await openCommandPeer('backup', context, open)
  try {
    const [target, ...others] = positionals
    if (target === undefined || others.length > 0)
      throw usage('backup needs to know where to: kymo backup DIR')
    const report = await peer.backUp(path.resolve(context.cwd, target))
    if (given.has('json')) {
      const { isLinked, ...rest } = report
      context.stdout.write(`${JSON.stringify({ ...rest, linked: isLinked })}\n`)
    } else {
      const style = createStyle(context.stdout, context.env)
      const how = report.isLinked
        ? 'linked: they take no space as long as the data has them, too'
        : 'copied, for it is another file system'
      context.stdout.write(
        `${style.green('ok')}: ${report.files} files, ${report.bytes.toLocaleString('en-US')} bytes in ${escapeForTerminal(report.path)}, ${how}.\n`,
      )
    }
    return 0
  } finally {
    await peer.close()
  }
}
