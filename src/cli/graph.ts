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

/** Draws targets: `kymo graph TARGET ... -o FILE [--from TIME] [--until TIME] [--parameters QUERY]`. The file `-` is stdout. */
export async function run(context: CommandContext, open?: OpenPeer): Promise<number> {
  const { positionals: targets, given, peer } = await openCommandPeer('graph', context, open)
  try {
    if (targets.length === 0) throw usage("graph needs a target: kymo graph 'stats.*.rate' -o rates.png")
    const output = valueOf({ given }, 'output')
    if (output === undefined) throw usage('graph needs a file to write: -o graph.png')
    if (output === STDOUT && context.stdout.isTTY === true)
      throw usage('graph writes no picture to a terminal: kymo graph TARGET -o - > graph.png')
    const parameters = drawParameters(valueOf({ given }, 'parameters') ?? '')
    const format = formatOf(output, parameters)
    const image = await peer.ask({
      kind: 'render',
      parameters: {
        ...SIZE,
        ...parameters,
        target: targets,
        ...rangeParameters(given),
        format: [format],
      },
    })
    if (output === STDOUT) context.stdout.write(image)
    else await write(pathOf(context, output), image)
    return 0
  } finally {
    await peer.close()
  }
}

const STDOUT = '-'

/** What the name of the file says; to stdout what the parameters say, and otherwise PNG. */
function formatOf(output: string, parameters: Readonly<Record<string, readonly string[]>>): string {
  const said = output === STDOUT ? (parameters.format?.[0] ?? 'png') : /\.(png|svg)$/i.exec(output)?.[1]
  const format = said?.toLowerCase()
  if (format === 'png' || format === 'svg') return format
  throw usage('graph writes a .png or an .svg: -o graph.png, or -o - for stdout')
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
