// What all rows share.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { etsyNode, startEtsy, whyNoEtsy } from './etsy.ts'
import { startFloor } from './floor.ts'
import { buildKymo } from './kymo-build.ts'
import { Kymo, type KymoOptions } from './kymo-process.ts'
import { type Load, runLoad } from './load.ts'
import type { Options } from './options.ts'
import { createPayload, type Payload, type PayloadOptions } from './payload.ts'
import { compileRods, type Rods } from './rods.ts'
import { Sender } from './sender.ts'
import type { Server } from './server.ts'
import { WrongAnswer } from './wrong-answer.ts'

const SLOWEST_DATAGRAMS_PER_SECOND = 500

export class Bench {
  readonly options: Options
  /** Removed at the end. */
  readonly directory: string
  /** Path of the command of the built package. */
  readonly command: string
  readonly #payloads = new Map<string, Payload>()
  #rods: Rods | undefined
  #sender: Sender | undefined
  #places = 0

  constructor(options: Options, directory: string) {
    this.options = options
    this.directory = directory
    say('building Kymo')
    this.command = buildKymo(this.place())
  }

  /** Throws `Skip` where they cannot be compiled. */
  get rods(): Rods {
    this.#rods ??= compileRods(this.directory)
    return this.#rods
  }

  get sender(): Sender {
    this.#sender ??= new Sender(this.rods)
    return this.#sender
  }

  describeSetup(): Record<string, unknown> {
    const { rounds, loadSeconds, warmUpSeconds, isQuick } = this.options
    return {
      rounds,
      loadSeconds,
      warmUpSeconds,
      isQuick,
      // Left out where no row wanted to send.
      sender: this.#rods && `bench/rods/udp-blast.c, ${this.#rods.compiler}`,
      // null: the kernel decides, as it does about the servers.
      senderCpu: this.#sender?.cpu ?? null,
      etsyNode: etsyNode().version,
    }
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

  /** Throws `Skip` where it is not installed. */
  etsy(): Promise<Server> {
    return startEtsy(this.place())
  }

  /** For what is worth measuring without it too. */
  async etsyIfInstalled(): Promise<Server | undefined> {
    return whyNoEtsy() === undefined ? await this.etsy() : undefined
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

  async rounds(round: () => Promise<void>): Promise<void> {
    for (let number = 1; number <= this.options.rounds; number++) {
      say(`  round ${number} of ${this.options.rounds}`)
      await round()
    }
  }

  /** Each datagram of the payload once. */
  sendOnce(server: Server, payload: Payload, datagramsPerSecond: number): Promise<Load> {
    return runLoad(server, this.sender, { payload, datagrams: payload.datagrams, datagramsPerSecond })
  }

  /** The same again and again, each time at half the rate, until nothing is lost. Resolves to that rate. */
  async sendWithoutLoss(server: Server, payload: Payload, datagramsPerSecond: number): Promise<number> {
    for (let rate = datagramsPerSecond; rate >= SLOWEST_DATAGRAMS_PER_SECOND; rate /= 2) {
      if ((await this.sendOnce(server, payload, rate)).droppedDatagrams === 0) return rate
    }
    throw new WrongAnswer(`${server.name} loses datagrams at ${SLOWEST_DATAGRAMS_PER_SECOND} a second`)
  }

  #load(server: Server, payload: Payload, seconds: number, datagramsPerSecond: number): Promise<Load> {
    return runLoad(server, this.sender, { payload, seconds, datagramsPerSecond })
  }
}

/** Progress, for people. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
