import { writeFile } from 'node:fs/promises'
import { usage } from '../config/flags.ts'
import { KymoError, reasonOf } from '../telemetry/errors.ts'
import type { CommandContext } from './command.ts'
import { openCommandPeer } from './open-command-peer.ts'
import { rangeParameters } from './query.ts'
import type { OpenPeer } from './transfer/open-peer.ts'
import { pathOf, valueOf } from './transfer/transfer-context.ts'

/** As wide as a page or a chat shows; `/render` by itself draws Graphite's smaller size. */
const SIZE = { width: ['800'], height: ['400'] }

/** Draws targets: `kymo graph TARGET ... -o FILE [--from TIME] [--until TIME] [--parameters QUERY]`. */
export async function run(context: CommandContext, open?: OpenPeer): Promise<number> {
  const { positionals: targets, given, peer } = await openCommandPeer('graph', context, open)
  try {
    if (targets.length === 0) throw usage("graph needs a target: kymo graph 'stats.*.rate' -o rates.png")
    const output = valueOf({ given }, 'output')
    if (output === undefined) throw usage('graph needs a file to write: -o graph.png')
    const extension = /\.(png|svg)$/i.exec(output)?.[1]?.toLowerCase()
    if (extension === undefined) throw usage('graph writes a .png or an .svg: -o graph.png')
    const image = await peer.ask({
      kind: 'render',
      parameters: {
        ...SIZE,
        ...drawParameters(valueOf({ given }, 'parameters') ?? ''),
        target: targets,
        ...rangeParameters(given),
        format: [extension],
      },
    })
    await write(pathOf(context, output), image)
    return 0
  } finally {
    await peer.close()
  }
}

/** Without a prototype: any text is a name. */
function drawParameters(query: string): Record<string, string[]> {
  const parameters = Object.create(null) as Record<string, string[]>
  for (const [name, value] of new URLSearchParams(query)) parameters[name] = [value]
  return parameters
}

async function write(path: string, image: Uint8Array): Promise<void> {
  try {
    await writeFile(path, image)
  } catch (error) {
    throw new KymoError('file-unwritable', { path, reason: reasonOf(error) }, { cause: error })
  }
}
