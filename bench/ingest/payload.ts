// What is sent: datagrams made ahead of time and written to a file, so that sending costs no more than the system calls, and
// what a server has to make of them is known.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface PayloadOptions {
  readonly kind: PayloadKind
  readonly names: number
  readonly linesPerDatagram: number
  /** Names come in no order. Otherwise they come in the same order again and again, as those of one sender do. */
  readonly isShuffled?: boolean
}

/**
 * `mixed`: half counters, a quarter timers, a quarter gauges, in lines of about 45 bytes. `tagged`: the same with five of
 * DogStatsD's tags. `counters` and `gauges`: names of exactly 50 bytes.
 */
export type PayloadKind = 'mixed' | 'tagged' | 'counters' | 'gauges'

export interface Payload extends PayloadOptions {
  readonly path: string
  /** One pass. Every name comes in it, and, in order, equally often in several passes. */
  readonly datagrams: number
  readonly bytesPerLine: number
}

export interface Line {
  readonly name: string
  readonly value: number
  readonly type: 'c' | 'ms' | 'g'
  readonly tags: string
}

const FEWEST_DATAGRAMS = 4_096
const NAME_BYTES = 50
/** Prime to any number of names that ends in zeros: walks through all of them in a scattered order. */
const STRIDE = 1_000_003
const MIXED_TYPES = ['c', 'ms', 'g', 'c'] as const

export function createPayload(directory: string, options: PayloadOptions): Payload {
  const { kind, names, linesPerDatagram } = options
  // Each name four times, so that a name has several values.
  const lineTotal = kind === 'counters' || kind === 'gauges' ? names : 4 * names
  const datagrams = Math.max(Math.ceil(lineTotal / linesPerDatagram), FEWEST_DATAGRAMS)
  const chunks: Buffer[] = []
  let bytes = 0
  for (let datagram = 0; datagram < datagrams; datagram++) {
    const text = Buffer.from(datagramText(options, datagram), 'latin1')
    const length = Buffer.alloc(4)
    length.writeUInt32LE(text.length)
    chunks.push(length, text)
    bytes += text.length
  }
  const order = options.isShuffled === true ? '-shuffled' : ''
  const path = join(directory, `${kind}-${names}-${linesPerDatagram}${order}.datagrams`)
  writeFileSync(path, Buffer.concat(chunks))
  return { ...options, path, datagrams, bytesPerLine: Math.round(bytes / datagrams / linesPerDatagram) }
}

/** The line at a place of a pass. */
export function lineAt({ kind, names, isShuffled = false }: PayloadOptions, index: number): Line {
  const name = (isShuffled ? scatter(index) : index * STRIDE) % names
  const value = ((Math.imul(index, 1_103_515_245) + 12_345) >>> 16) % 1_000
  if (kind === 'counters' || kind === 'gauges') {
    const full = `service.api.requests.endpoint.${String(name).padStart(NAME_BYTES - 30, '0')}`
    return { name: full, value, type: kind === 'counters' ? 'c' : 'g', tags: '' }
  }
  const type = MIXED_TYPES[name % 4] ?? 'c'
  const tags = kind === 'tagged' ? `env:prod,region:eu-west,host:h${name % 97},service:api,version:1.4.2` : ''
  return { name: `service.api.host${name % 97}.requests.endpoint${name}`, value, type, tags }
}

/** The last steps of MurmurHash3: another number for each index, and those of neighbours have nothing to do with each other. */
function scatter(index: number): number {
  const half = Math.imul(index ^ (index >>> 16), 0x85ebca6b)
  const whole = Math.imul(half ^ (half >>> 13), 0xc2b2ae35)
  return (whole ^ (whole >>> 16)) >>> 0
}

function datagramText(options: PayloadOptions, datagram: number): string {
  const lines: string[] = []
  for (let line = 0; line < options.linesPerDatagram; line++) {
    const { name, value, type, tags } = lineAt(options, datagram * options.linesPerDatagram + line)
    lines.push(`${name}:${value}|${type}${tags === '' ? '' : `|#${tags}`}`)
  }
  return lines.join('\n')
}
