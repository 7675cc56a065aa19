import { readFileSync } from 'node:fs'

/** Resident memory of a process now, in bytes. */
export function residentBytes(pid: number): number {
  return statusBytes(pid, 'VmRSS')
}

/** The most there ever was. */
export function peakResidentBytes(pid: number): number {
  return statusBytes(pid, 'VmHWM')
}

function statusBytes(pid: number, field: string): number {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(
    readFileSync(`/proc/${pid}/status`, 'latin1'),
  )
  if (found === null) throw new Error(`the kernel does not tell ${field} of process ${pid}`)
  return Number(found[1]) * 1_024
}
