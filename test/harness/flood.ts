import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/**
 * `known`: large datagrams of a few hundred names, again and again, which takes a receiver longer than the sender.
 * `names`: 25 new names in each.
 */
export type FloodKind = 'known' | 'names'

export const KNOWN_NAMES = 200
export const NAMES_PER_DATAGRAM = 25
const LINES_PER_LARGE_DATAGRAM = 3_000

export interface Flood {
  readonly kind: FloodKind
  readonly seconds: number
  /** Left out: as many as can be sent. */
  readonly datagramsPerSecond?: number
}

/** Sends from a process of its own; resolves to the number of datagrams when all are sent. */
export async function flood(port: number, { kind, seconds, datagramsPerSecond = 0 }: Flood): Promise<number> {
  const sender = join(import.meta.dirname, 'flood-sender.ts')
  const args = [sender, String(port), kind, String(datagramsPerSecond), String(seconds)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  return Number(await text(child.stdout))
}

/** The lines in one datagram. */
export function linesPerDatagram(kind: FloodKind): number {
  return kind === 'known' ? LINES_PER_LARGE_DATAGRAM : NAMES_PER_DATAGRAM
}

const large = Buffer.from(
  Array.from({ length: LINES_PER_LARGE_DATAGRAM }, (_, line) => `flood.n${line % KNOWN_NAMES}:1|c\n`).join(
    '',
  ),
)
const runId = process.pid

export function floodDatagram(kind: FloodKind, index: number): string | Uint8Array {
  if (kind === 'known') return large
  const first = index * NAMES_PER_DATAGRAM
  return Array.from(
    { length: NAMES_PER_DATAGRAM },
    (_, line) => `flood.r${runId}.user_${first + line}:1|c`,
  ).join('\n')
}
