import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { until } from './kymo.ts'

/** What a Node has to be started with so that its memory can be watched from outside. */
export function watchableBy(directory: string): Readonly<Record<string, string>> {
  mkdirSync(directory, { recursive: true })
  const preload = new URL('memory-preload.ts', import.meta.url)
  return { NODE_OPTIONS: `--import=${preload.href} --report-exclude-network`, MEMORY_REPORTS: directory }
}

export interface Memory {
  /** What the system has given to the process, in MiB. */
  readonly residentMiB: number
  /** What the heaps of all threads hold, without garbage, in MiB. */
  readonly heapMiB: number
}

interface NodeReport {
  readonly javascriptHeap: { readonly usedMemory: number }
  readonly workers?: readonly NodeReport[]
}

/** Asks a process that was started with `watchableBy(directory)`. */
export async function measureMemory(pid: number, directory: string): Promise<Memory> {
  const report = await askForReport(pid, directory)
  const residentKiB = Number(
    spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'latin1' }).stdout,
  )
  const heaps = [report, ...(report.workers ?? [])].map(({ javascriptHeap }) => javascriptHeap.usedMemory)
  return {
    residentMiB: Math.round(residentKiB / 1_024),
    heapMiB: Math.round(heaps.reduce((sum, bytes) => sum + bytes, 0) / (1_024 * 1_024)),
  }
}

async function askForReport(pid: number, directory: string): Promise<NodeReport> {
  process.kill(pid, 'SIGUSR2')
  let report: NodeReport | undefined
  await until('the process has reported', () => {
    report = readReport(directory)
    return report !== undefined
  })
  for (const name of readdirSync(directory)) rmSync(join(directory, name))
  return report as NodeReport
}

/** Undefined while it is still being written. */
function readReport(directory: string): NodeReport | undefined {
  const [name] = readdirSync(directory)
  if (name === undefined) return undefined
  try {
    return JSON.parse(readFileSync(join(directory, name), 'utf8')) as NodeReport
  } catch {
    return undefined
  }
}
