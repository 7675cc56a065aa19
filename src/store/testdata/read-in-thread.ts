// A thread with a reader of its own: answers each request with the values, null for none.
import { parentPort, workerData } from 'node:worker_threads'
import type { ReadRequest } from '../engine.ts'
import { openReader } from '../index.ts'

const reader = openReader(workerData)

parentPort?.on('message', (request: ReadRequest) => {
  void answer(request)
})

async function answer(request: ReadRequest): Promise<void> {
  const answers: (number | null)[][] = []
  for await (const { values } of reader.read(request)) {
    answers.push(Array.from(values, (value) => (Number.isNaN(value) ? null : value)))
  }
  parentPort?.postMessage(answers)
}
