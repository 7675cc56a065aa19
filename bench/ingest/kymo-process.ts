import { join } from 'node:path'
import { type Child, startChild } from './child.ts'
import { root } from './kymo-build.ts'
import { OwnMetrics } from './own-metrics.ts'
import type { Server, ServerCounts } from './server.ts'
import { Skip } from './skip.ts'

export interface KymoOptions {
  /** Path of the command. */
  readonly command: string
  /** Where it runs, and finds no configuration. */
  readonly directory: string
  /** More flags; `KYMO_X=…` among them is a variable of its environment. */
  readonly args?: readonly string[]
  readonly flushInterval?: string
  /** Left out: a free one. */
  readonly statsdPort?: number
  readonly name?: string
}

export const SOURCE_COMMAND = join(root, 'bin/kymo.js')
const USAGE_EXIT_CODES = [64, 78]
const SEALING_DEADLINE_MS = 300_000
/** What a plain receiver is: it keeps nothing. */
export const NO_STORE = ['--no-store', '--receivers', '1']
const FREE_PORTS = ['--graphite-port', '0', '--admin-port', '0', '--http-port', '0']

/** A whole Kymo on free ports: without a store and with one receiver, unless `args` say otherwise. */
export class Kymo implements Server {
  readonly name: string
  readonly port: number
  readonly #child: Child
  readonly #httpUrl: string
  /** TCP, on 127.0.0.1. */
  readonly graphitePort: number

  private constructor(name: string, child: Child, addresses: Readonly<Record<string, readonly string[]>>) {
    this.name = name
    this.#child = child
    this.port = Number(new URL(addressOf(addresses, 'statsd', 'udp://127.0.0.1')).port)
    this.graphitePort = Number(new URL(addressOf(addresses, 'graphite', 'tcp://127.0.0.1')).port)
    this.#httpUrl = addressOf(addresses, 'http', 'http://127.0.0.1')
  }

  /** Throws `Skip` where Kymo refuses these flags. */
  static async start(options: KymoOptions): Promise<Kymo> {
    const { args = NO_STORE, flushInterval = '10s', statsdPort = 0, name = 'kymo' } = options
    const variables = args.filter((arg) => arg.startsWith('KYMO_'))
    const flags = args.filter((arg) => !arg.startsWith('KYMO_'))
    const ports = ['--statsd-port', String(statsdPort), ...FREE_PORTS]
    const child = startChild(
      process.execPath,
      [options.command, 'start', '--flush-interval', flushInterval, ...ports, ...flags],
      { cwd: options.directory, env: { ...environment(), ...variablesOf(variables) } },
    )
    try {
      const ready = await child.said(/^\{"event":"ready".*\}$/m)
      const { addresses } = JSON.parse(ready[0]) as { addresses: Record<string, string[]> }
      return new Kymo(name, child, addresses)
    } catch (error) {
      if (!USAGE_EXIT_CODES.includes(child.process.exitCode ?? 0)) throw error
      throw new Skip(`Kymo refuses \`${args.join(' ')}\`: ${child.stderr().split('\n')[0]}`)
    }
  }

  get pid(): number {
    return this.#child.pid
  }

  stdout(): string {
    return this.#child.stdout()
  }

  url(path: string): string {
    return this.#httpUrl + path
  }

  async metrics(): Promise<OwnMetrics> {
    return new OwnMetrics(await this.#fetch('/metrics', 'GET'))
  }

  /** Flushes now. Resolves, when that is done, to how many series there were. */
  async flush(): Promise<number> {
    return (JSON.parse(await this.#fetch('/api/flush', 'POST')) as { series: number }).series
  }

  async counts(): Promise<ServerCounts> {
    const metrics = await this.metrics()
    const udp = 'listener="statsd-udp"'
    return {
      receivedDatagrams: metrics.sum('kymo_received_packets_total', udp),
      droppedDatagrams: metrics.sum('kymo_kernel_dropped_packets_total', udp),
      acceptedLines: metrics.sum('kymo_accepted_lines_total', udp),
      rejectedLines: metrics.sum('kymo_rejected_lines_total'),
      flushes: metrics.sum('kymo_flushes_total'),
    }
  }

  /** Ends it; `SIGTERM` in good order, for which it has as long as it takes to seal what it stores. */
  stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    return this.#child.stop(signal, SEALING_DEADLINE_MS)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#child.stop()
  }

  async #fetch(path: string, method: 'GET' | 'POST'): Promise<string> {
    const response = await fetch(this.url(path), { method })
    const text = await response.text()
    if (!response.ok) throw new Error(`${response.status} from ${path}: ${text}`)
    return text
  }
}

/** Ours, without what would configure Kymo. */
export function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('KYMO_')))
}

function variablesOf(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  )
}

function addressOf(
  addresses: Readonly<Record<string, readonly string[]>>,
  service: string,
  start: string,
): string {
  const found = addresses[service]?.find((address) => address.startsWith(start))
  if (found === undefined) throw new Error(`Kymo names no ${start} for ${service}`)
  return found
}
