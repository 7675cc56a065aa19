import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { startChild } from './child.ts'
import type { Payload } from './payload.ts'
import type { Rods } from './rods.ts'

export interface Sending {
  readonly payload: Payload
  /** Either ends it. */
  readonly seconds?: number
  readonly datagrams?: number
  /** Left out: as fast as it can. */
  readonly datagramsPerSecond?: number
}

export interface Sent {
  readonly datagrams: number
  readonly seconds: number
}

/** Sends from a process of its own, which stays on the last CPU where the machine lets it be told so. */
export class Sender {
  /** Which CPU it stays on; undefined: the kernel decides. */
  readonly cpu: number | undefined
  readonly #rods: Rods

  constructor(rods: Rods) {
    this.#rods = rods
    const last = availableParallelism() - 1
    const canPin = last > 0 && spawnSync('taskset', ['-c', String(last), 'true']).status === 0
    this.cpu = canPin ? last : undefined
  }

  async send(
    port: number,
    { payload, seconds = 0, datagrams = 0, datagramsPerSecond = 0 }: Sending,
  ): Promise<Sent> {
    const args = [
      String(port),
      payload.path,
      ...[seconds, datagrams, Math.round(datagramsPerSecond)].map(String),
    ]
    const child =
      this.cpu === undefined
        ? startChild(this.#rods.blast, args)
        : startChild('taskset', ['-c', String(this.cpu), this.#rods.blast, ...args])
    const code = await child.ended()
    if (code !== 0) throw new Error(`udp-blast ended with ${code}: ${child.stderr()}`)
    return JSON.parse(child.stdout()) as Sent
  }
}
