import { parentPort, workerData } from 'node:worker_threads'
import { sendDatagrams } from './send-datagrams.ts'
import { sendStreams } from './send-streams.ts'
import type { SendJob } from './sender.ts'

// The thread behind `send`: what it sends does not wait for the test, nor the test for it.

const job = workerData as SendJob
const isStream = job.transport !== 'udp' && job.transport !== 'unix-datagram'
parentPort?.postMessage(await (isStream ? sendStreams(job) : sendDatagrams(job)))
