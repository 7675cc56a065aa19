// What the kernel knows about the sockets on a UDP port. It is the witness of what a server lost, whatever that says itself.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface UdpSockets {
  /** Somebody has bound the port for IPv4. */
  readonly isBound: boolean
  /** Memory of the datagrams that wait to be read. */
  readonly queuedBytes: number
  /** Datagrams thrown away since the sockets were bound. */
  readonly droppedDatagrams: number
}

const LOCAL_ADDRESS_COLUMN = 1
/** `0100007F:1FBD` */
const IPV4_ADDRESS_CHARACTERS = 13
const QUEUES_COLUMN = 4
const DROPS_COLUMN = 12

/** Of both families. */
export function readUdpSockets(port: number): UdpSockets {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  let isBound = false
  let [queuedBytes, droppedDatagrams] = [0, 0]
  for (const row of [...rowsOf('/proc/net/udp'), ...rowsOf('/proc/net/udp6')]) {
    const columns = row.trim().split(/\s+/)
    const address = columns[LOCAL_ADDRESS_COLUMN] ?? ''
    if (!address.endsWith(suffix)) continue
    isBound ||= address.length === IPV4_ADDRESS_CHARACTERS
    queuedBytes += Number.parseInt(columns[QUEUES_COLUMN]?.split(':')[1] ?? '', 16)
    droppedDatagrams += Number(columns[DROPS_COLUMN])
  }
  return { isBound, queuedBytes, droppedDatagrams }
}

/** The receive buffer that was granted to the socket on this port of 127.0.0.1; undefined where `ss` is missing. */
export function grantedBufferBytes(port: number): number | undefined {
  const { stdout } = spawnSync('ss', ['-uanmH', 'src', `127.0.0.1:${port}`], { encoding: 'utf8' })
  const found = /\brb(\d+)/.exec(stdout ?? '')
  // Linux counts its own bookkeeping in and reports the double.
  return found === null ? undefined : Number(found[1]) / 2
}

function rowsOf(path: string): string[] {
  try {
    return readFileSync(path, 'latin1').trimEnd().split('\n').slice(1)
  } catch {
    // A machine without IPv6 has no table for it.
    return []
  }
}
