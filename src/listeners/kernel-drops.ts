import { readlink, readFile } from 'node:fs/promises'

/**
 * Datagrams that the kernel threw away because a receive buffer was full. Only Linux tells, in /proc/net/udp and udp6,
 * one row per socket:
 *
 *     sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 *   9991: 0100007F:1FBD 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 34759 2 0000000000000000 494
 *
 * A row is known as ours by its inode, which is right also where several sockets share one address.
 */
export interface KernelDrops {
  /** How many more than at the last call. */
  readNew(): Promise<number>
}

/** undefined where it cannot be known. */
export async function watchKernelDrops(fileDescriptors: readonly number[]): Promise<KernelDrops | undefined> {
  const inodes = new Set<string>()
  for (const descriptor of fileDescriptors) {
    // `socket:[34759]`
    const link = await readlink(`/proc/self/fd/${descriptor}`).catch(() => '')
    const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1]
    if (inode !== undefined) inodes.add(inode)
  }
  if (inodes.size === 0) return undefined
  let known = 0
  return {
    async readNew() {
      const tables = await Promise.all(['/proc/net/udp', '/proc/net/udp6'].map(readTable))
      const total = tables.reduce((sum, table) => sum + sumDrops(table, inodes), 0)
      const fresh = Math.max(0, total - known)
      known = Math.max(known, total)
      return fresh
    },
  }
}

/** The drops of the sockets with these inodes, out of the text of one table. */
export function sumDrops(table: string, inodes: ReadonlySet<string>): number {
  let sum = 0
  for (const row of table.split('\n')) {
    const columns = row.trim().split(/\s+/)
    const drops = Number(columns[DROPS_COLUMN])
    if (inodes.has(columns[INODE_COLUMN] ?? '') && Number.isSafeInteger(drops)) sum += drops
  }
  return sum
}

const INODE_COLUMN = 9
const DROPS_COLUMN = 12

/** A machine without IPv6 has no table for it. */
function readTable(path: string): Promise<string> {
  return readFile(path, 'latin1').catch(() => '')
}
