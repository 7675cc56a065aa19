// What all rows share.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startEtsy } from './etsy.ts'
import { startFloor } from './floor.ts'
import { buildKymo } from './kymo-build.ts'
import { Kymo, type KymoOptions } from './kymo-process.ts'
import { type Load, runLoad } from './load.ts'
import type { Options } from './options.ts'
import { createPayload, type Payload, type PayloadOptions } from './payload.ts'
import { compileRods, type Rods } from './rods.ts'
import { Sender } from './sender.ts'
import type { Server } from './server.ts'

export class Bench {
  readonly options: Options
  readonly rods: Rods
  readonly sender: Sender
  /** Removed at the end. */
  readonly directory: string
  /** Path of the command of the built package. */
  readonly command: string
  readonly #payloads = new Map<string, Payload>()
  #places = 0

  constructor(options: Options, directory: string) {
    this.options = options
    this.directory = directory
    this.rods = compileRods(directory)
    this.sender = new Sender(this.rods)
    say('building Kymo')
    this.command = buildKymo(this.place())
  }

  /** A new directory. */
  place(): string {
    const path = join(this.directory, String(this.#places++))
    mkdirSync(path)
    return path
  }

  payload(options: PayloadOptions): Payload {
    const key = JSON.stringify(options)
    const payload = this.#payloads.get(key) ?? createPayload(this.directory, options)
    this.#payloads.set(key, payload)
    return payload
  }

  kymo(options: Omit<KymoOptions, 'command' | 'directory'> = {}): Promise<Kymo> {
    return Kymo.start({ command: this.command, directory: this.place(), ...options })
  }

  etsy(): Promise<Server> {
    return startEtsy(this.place())
  }

  floor(): Promise<Server> {
    return startFloor(this.rods)
  }

  /** For as long as a measured load lasts: with a flush every 10 s, one comes in each that is not quick. */
  load(server: Server, payload: Payload, datagramsPerSecond = 0): Promise<Load> {
    return this.#load(server, payload, this.options.loadSeconds, datagramsPerSecond)
  }

  /** Every name is known and every path compiled before anything is measured. */
  async warmUp(servers: readonly Server[], payload: Payload): Promise<void> {
    for (const server of servers) await this.#load(server, payload, this.options.warmUpSeconds, 0)
  }

  async rounds(what: string, round: () => Promise<void>): Promise<void> {
    for (let number = 1; number <= this.options.rounds; number++) {
      say(`${what}: round ${number} of ${this.options.rounds}`)
      await round()
    }
  }

  #load(server: Server, payload: Payload, seconds: number, datagramsPerSecond: number): Promise<Load> {
    return runLoad(server, this.sender, { payload, seconds, datagramsPerSecond })
  }
}

/** Progress, for people. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
