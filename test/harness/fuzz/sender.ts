import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Dialect, Foretold } from './foretell.ts'

export type Transport = 'udp' | 'tcp' | 'unix-datagram' | 'unix-frames' | 'unix-lines'

export interface SendJob {
  readonly transport: Transport
  readonly dialect: Dialect
  /** A port of the loopback, or the path of a Unix socket. */
  readonly target: number | string
  readonly seed: number
  readonly durationMs: number
  /** It ends sooner when it has sent so many datagrams, or made so many connections: what a seed made before, and no more. */
  readonly mostPackets: number
  /** Some connections break, and datagrams follow each other without a pause, so that the kernel may have to drop some of UDP's. */
  readonly isRude: boolean
}

/** Lines that a server gets for certain (UDP: unless the kernel drops their packet), and what else there is to say. */
export interface Sent extends Foretold {
  /** Datagrams; of streams, connections. */
  readonly packets: number
  readonly bytes: number
  /** Lines that it may get besides: of connections that broke while they were on their way. */
  readonly uncertainLines: number
}

/** Sends what a fuzzer makes, from a thread of its own, for about the time that was asked for. */
export async function send(job: SendJob): Promise<Sent> {
  const worker = new Worker(new URL('./sender-thread.ts', import.meta.url), { workerData: job })
  const [sent] = (await once(worker, 'message')) as [Sent]
  return sent
}
