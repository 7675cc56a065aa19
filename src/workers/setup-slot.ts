import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { WorkerSetup } from './worker-setup.ts'

/** What a thread is born with: the place where its setup will be. */
export interface SetupSlot {
  readonly port: MessagePort
  /** 1 once the setup is in the port. */
  readonly isGiven: Int32Array<SharedArrayBuffer>
}

export function giveSetup({ port, isGiven }: SetupSlot, setup: WorkerSetup): void {
  port.postMessage(setup)
  Atomics.store(isGiven, 0, 1)
  Atomics.notify(isGiven, 0)
}

/** Waits until it is given; the thread does nothing else meanwhile. Once. */
export function takeSetup({ port, isGiven }: SetupSlot): WorkerSetup {
  Atomics.wait(isGiven, 0, 0)
  const received = receiveMessageOnPort(port)
  port.close()
  if (received === undefined) throw new Error('BUG: a thread was told to begin with nothing')
  return received.message as WorkerSetup
}
