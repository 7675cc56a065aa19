import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { BroadcastChannel, isMainThread } from 'node:worker_threads'

// Loaded into every thread of a process that is watched, in front of everything else (memory-watch.ts). At a signal all of
// them collect their garbage, and then the process reports what is left: without that, a heap tells when V8 last felt
// like collecting, and not what somebody holds on to.

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
/** Time for the other threads to come to it, in the midst of what they do. */
const COLLECTING_MS = 1_500

const channel = new BroadcastChannel('collect garbage')
channel.onmessage = () => collectGarbage()
channel.unref()

if (isMainThread) {
  process.report.directory = process.env['MEMORY_REPORTS'] ?? ''
  process.on('SIGUSR2', () => {
    channel.postMessage(undefined)
    collectGarbage()
    setTimeout(() => process.report.writeReport(), COLLECTING_MS).unref()
  })
}
