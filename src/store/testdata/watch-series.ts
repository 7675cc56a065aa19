// A thread that reads all series again and again, and ends with an error when a point is missing, wrong, or was there before. Value
// j stands in slot j, for slots from 0 on. Told `last`, it answers once it has seen that slot everywhere.
import { setImmediate } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { openReader } from '../index.ts'
import { BASE_MS } from './base-time.ts'

const { shared, keys, slotCount } = workerData as { shared: unknown; keys: string[]; slotCount: number }
const STEP_MS = 10_000
const reader = openReader(shared)
const series = keys.map((key) => ({ key, rollup: 'last' as const }))
const range = { startMs: BASE_MS, endMs: BASE_MS + slotCount * STEP_MS }
const seen = new Uint32Array(keys.length)
let last = Number.POSITIVE_INFINITY
let reads = 0
parentPort?.once('message', (slot: number) => {
  last = slot
})

for (let isComplete = false; !isComplete; reads++) {
  // Short reads never wait; what the thread is told has to get in between.
  await setImmediate()
  isComplete = true
  let index = 0
  for await (const { key, values } of reader.read({ series, range, stepMs: STEP_MS })) {
    const first = values.findIndex(Number.isNaN)
    const count = first < 0 ? values.length : first
    if (count < (seen[index] ?? 0)) throw new Error(`${key} had ${seen[index]} points and has ${count}`)
    for (const [slot, value] of values.entries())
      if (slot < count ? value !== slot : !Number.isNaN(value))
        throw new Error(`slot ${slot} of ${key} holds ${value}, of ${count} points`)
    seen[index++] = count
    if (count <= last) isComplete = false
  }
}
await reader.close()
parentPort?.postMessage(reads)
