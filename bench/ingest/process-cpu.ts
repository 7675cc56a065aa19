// The CPU time of a process as the kernel accounts for it: all its threads, user and system.
import { readdirSync, readFileSync } from 'node:fs'

export interface CpuReading {
  /** Of each thread that lives: exact, but a thread takes its time with it when it ends. */
  readonly threadNs: ReadonlyMap<string, number>
  /** Of all threads there ever were, in steps of a tick. */
  readonly allNs: number
}

/** USER_HZ, which Linux shows times in to every program, is 100 on all machines that Node runs on. */
const TICK_NS = 10_000_000

export function readCpu(pid: number): CpuReading {
  const threadNs = new Map<string, number>()
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      // Nanoseconds on a CPU, nanoseconds waiting for one, time slices.
      const [onCpuNs] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')
      threadNs.set(thread, Number(onCpuNs))
    } catch {
      // It ended while we looked.
    }
  }
  // `PID (name) state …`: the name may hold spaces; utime and stime are the 14th and 15th column.
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const columns = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { threadNs, allNs: (Number(columns[11]) + Number(columns[12])) * TICK_NS }
}

/** Nanoseconds between two readings. */
export function cpuNsBetween(before: CpuReading, after: CpuReading): number {
  let sumNs = 0
  for (const [thread, ns] of after.threadNs) sumNs += ns - (before.threadNs.get(thread) ?? 0)
  const hasLostThreads = [...before.threadNs.keys()].some((thread) => !after.threadNs.has(thread))
  return hasLostThreads || sumNs === 0 ? after.allNs - before.allNs : sumNs
}
