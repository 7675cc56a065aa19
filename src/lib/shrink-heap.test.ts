import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'

/** In a thread whose heap is its own. */
const THREAD = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { getHeapSpaceStatistics } = require('node:v8')
  const young = () => getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size
  import(workerData.file).then(({ allowShrinking, shrinkHeap }) => {
    let kept = []
    for (let index = 0; index < 300_000; index++) kept.push({ index })
    const grown = young()
    kept = undefined
    if (workerData.isAllowed) allowShrinking(true)
    shrinkHeap()
    allowShrinking(false)
    parentPort.postMessage({ grown, left: young(), gc: typeof globalThis.gc })
  })
`
const file = new URL('./shrink-heap.ts', import.meta.url).href

async function run(isAllowed: boolean): Promise<{ grown: number; left: number; gc: string }> {
  const worker = new Worker(THREAD, { eval: true, workerData: { file, isAllowed } })
  return await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
}

test('what a heap has grown to is given back', async () => {
  const { grown, left, gc } = await run(true)
  expect(grown).toBeGreaterThanOrEqual(4 * 1_024 * 1_024)
  expect(left).toBeLessThanOrEqual(2 * 1_024 * 1_024)
  expect(gc).toBe('undefined')
})

test('nothing happens where that is not allowed', async () => {
  const { grown, left } = await run(false)
  expect(left).toBe(grown)
})
