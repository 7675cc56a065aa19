import { usage } from '../config/flags.ts'
import type { CommandContext } from './command.ts'
import { readTransfer } from './read-transfer.ts'
import { importLines } from './transfer/import-lines.ts'
import { importWhisper } from './transfer/import-whisper.ts'
import { type OpenPeer, openPeer } from './transfer/open-peer.ts'
import type { TransferContext } from './transfer/transfer-context.ts'

/** What each kind of source is read by. */
const SOURCES = {
  whisper: importWhisper,
  'carbon-lines': (context: TransferContext) => importLines(context, 'carbon-lines'),
  csv: (context: TransferContext) => importLines(context, 'csv'),
} as const

/** Moves points in: `kymo import whisper DIR | carbon-lines FILE | csv FILE`. */
export async function run(context: CommandContext, open: OpenPeer = openPeer): Promise<number> {
  const transfer = { ...readTransfer('import', context, Object.keys(SOURCES)), open }
  const [kind, source, ...others] = transfer.words
  if (source === undefined)
    throw usage(
      `import ${kind} needs to know from where: kymo import ${kind} ${kind === 'whisper' ? 'DIR' : 'FILE'}`,
    )
  if (others.length > 0) throw usage(`import ${kind} takes one place, not ${others.length + 1}`)
  return await SOURCES[kind as keyof typeof SOURCES]({ ...transfer, place: source })
}
