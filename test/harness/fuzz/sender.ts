import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

export type Transport = 'udp' | 'tcp' | 'unix-datagram' | 'unix-frames' | 'unix-lines'

export interface SendJob {
  readonly transport: Transport
  readonly grammar: 'statsd' | 'graphite'
  /** Of the loopback, or the path of a Unix socket. */
  readonly target: number | string
  readonly seed: number
  readonly durationMs: number
  /** It ends sooner when it has sent so many datagrams, or made so many connections: what a seed made before, and no more. */
  readonly mostPackets: number
  /** Datagrams follow each other without a pause, so that the kernel may have to drop some of UDP's. */
  readonly isHurried: boolean
}

export interface Sent {
  /** Datagrams; of streams, connections. */
  readonly packets: number
  readonly bytes: number
  /** Lines that a server gets for certain (UDP: unless the kernel drops their packet). */
  readonly lines: number
  /** Lines more that it may get: of connections that were reset while they were on their way. */
  readonly uncertainLines: number
}

/** Sends what a fuzzer makes, from a thread of its own, for about the time that was asked for. */
export async function send(job: SendJob): Promise<Sent> {
  const worker = new Worker(new URL('./sender-thread.ts', import.meta.url), { workerData: job })
  const [sent] = (await once(worker, 'message')) as [Sent]
  return sent
}
