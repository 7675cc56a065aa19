// A thread that looks for `a.*` in the names of another one, which are a window that moves on: n5, n6, n7 ...
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { SharedNames } from '../catalog-columns.ts'
import { NamesReader } from '../names-reader.ts'

export interface WindowsSeen {
  /** What was found that was never there. */
  readonly wrong: readonly string[]
  /** How often something was found. */
  readonly found: number
}

const { shared, stop } = workerData as { readonly shared: SharedNames; readonly stop: Int32Array }
const port = parentPort
if (port === null) throw new Error('this is a thread')
const wrong: string[] = []
let reader = new NamesReader(shared)
let found = 0
port.on('message', () => {})
port.postMessage('ready')
while (Atomics.load(stop, 0) === 0) {
  const newer = receiveMessageOnPort(port) as { message: SharedNames } | undefined
  if (newer !== undefined) reader = new NamesReader(newer.message)
  const nodes = reader.findNodes('a.*', 1_000)
  if (nodes === undefined) continue
  found++
  const numbers = nodes.map(({ name }) => Number(name.slice(1))).sort((a, b) => a - b)
  const first = numbers[0] ?? Number.NaN
  const isWindow = numbers.every((number, place) => number === first + place)
  const isWhole = numbers.length >= 50 && numbers.length <= 51 && nodes.every(({ isLeaf }) => isLeaf)
  if ((!isWindow || !isWhole) && wrong.length < 5) wrong.push(nodes.map(({ path }) => path).join(' '))
}
port.postMessage({ wrong, found } satisfies WindowsSeen)
port.close()
