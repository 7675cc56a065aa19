import { readFileSync } from 'node:fs'

const TICK_NS = 10_000_000

/**
 * CPU time of all children that have ended, all their threads and their own children, as the kernel accounts for it. What one that
 * stops does to the very end is in it.
 */
export function endedChildrenCpuNs(): number {
  const stat = readFileSync('/proc/self/stat', 'latin1')
  // `PID (name) state …`: cutime and cstime are the 16th and 17th column.
  const columns = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(columns[13]) + Number(columns[14])) * TICK_NS
}
