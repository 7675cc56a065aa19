import { usage } from '../config/flags.ts'
import type { CommandContext } from './command.ts'
import { readTransfer } from './read-transfer.ts'
import { exportLines } from './transfer/export-lines.ts'
import { exportWhisper } from './transfer/export-whisper.ts'
import { exportedRange } from './transfer/exported-range.ts'
import { type OpenPeer, openPeer } from './transfer/open-peer.ts'
import { valueOf } from './transfer/transfer-context.ts'

const KINDS = ['whisper', 'carbon-lines', 'csv'] as const

/** Writes points out: `kymo export whisper DIR | carbon-lines | csv`; lines go to stdout. */
export async function run(context: CommandContext, open: OpenPeer = openPeer): Promise<number> {
  const { words, ...transfer } = readTransfer('export', context, KINDS)
  const [kind, place = '', ...others] = words
  if (kind === 'whisper' && place === '')
    throw usage('export whisper needs to know where to: kymo export whisper DIR')
  if (others.length > 0 || (kind !== 'whisper' && place !== ''))
    throw usage(`export ${kind} takes ${kind === 'whisper' ? 'one place' : 'no place: lines go to stdout'}`)
  const whole = { ...transfer, place, open }
  const peer = await open(whole.config, valueOf(whole, 'url'), whole.clock)
  try {
    const range = await exportedRange(whole, peer)
    if (kind === 'whisper') return await exportWhisper(whole, peer, range)
    return await exportLines(whole, peer, range, kind === 'csv' ? 'csv' : 'carbon-lines')
  } finally {
    await peer.close()
  }
}
