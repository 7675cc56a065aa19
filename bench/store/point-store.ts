import { endedChildrenCpuNs } from './child-cpu.ts'
import { directoryBytes } from './directory-bytes.ts'
import { readCpu } from '../ingest/process-cpu.ts'
import type { PointSet } from './point-set.ts'

/** A program that takes Graphite's plaintext over TCP and keeps it. */
export interface PointStore extends AsyncDisposable {
  readonly name: string
  readonly pid: number
  readonly graphitePort: number
  /** What is weighed of it at the end: its points and what finds them. */
  readonly dataPaths: readonly string[]
  /** How many points it says it has taken in since it started. */
  takenPoints(): Promise<number>
  /** Ends it as its operator would: what it was sent is on the disk then. */
  stop(): Promise<void>
}

export interface Stored {
  readonly name: string
  readonly bytes: number
  readonly bytesPerPoint: number
  /** From when it was ready until it had ended. */
  readonly pointsPerCpuSecond: number
  readonly cpuSeconds: number
}

const TAKEN_DEADLINE_MS = 300_000

/** Sends all points, waits until they are taken, stops the store and weighs what it left. */
export async function fill(store: PointStore, set: PointSet, send: () => Promise<void>): Promise<Stored> {
  // Asking has its own price the first time.
  await store.takenPoints()
  const startNs = endedChildrenCpuNs()
  const bootNs = readCpu(store.pid).allNs
  await send()
  const deadline = performance.now() + TAKEN_DEADLINE_MS
  while ((await store.takenPoints()) < set.pointCount) {
    if (performance.now() > deadline) throw new Error(`${store.name} did not take all points in`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await store.stop()
  const cpuSeconds = (endedChildrenCpuNs() - startNs - bootNs) / 1e9
  const bytes = store.dataPaths.reduce((sum, path) => sum + directoryBytes(path), 0)
  return {
    name: store.name,
    bytes,
    bytesPerPoint: bytes / set.pointCount,
    pointsPerCpuSecond: set.pointCount / cpuSeconds,
    cpuSeconds,
  }
}
