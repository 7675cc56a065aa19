import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { freePort } from './free-port.ts'
import { temporaryDirectory, until } from './kymo.ts'

const directory = resolve(import.meta.dirname, '../../bench/rivals')
const program = join(directory, 'node_modules/statsd/stats.js')

/** The real etsy/statsd, receiving by TCP. It wants `npm ci --ignore-scripts` in bench/rivals. */
export class Etsy {
  readonly port: number
  readonly #child: ChildProcess

  private constructor(port: number, child: ChildProcess) {
    this.port = port
    this.#child = child
  }

  static async start(config: Readonly<Record<string, unknown>>): Promise<Etsy> {
    const [port, adminPort] = [await freePort(), await freePort()]
    const place = temporaryDirectory()
    const [configPath, shimPath] = [join(place, 'config.js'), join(place, 'shim.cjs')]
    const own = { address: '127.0.0.1', port, mgmt_address: '127.0.0.1', mgmt_port: adminPort }
    // It is evaluated as an object literal, so JSON will do.
    writeFileSync(configPath, JSON.stringify({ server: './servers/tcp', ...own, ...config }))
    // It calls a function at its start that Node has no more since 23.
    writeFileSync(shimPath, "require('node:util').log ??= console.log\n")
    const child = spawn(process.execPath, ['--require', shimPath, program, configPath], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    await until('etsy is up', () => {
      if (child.exitCode !== null) throw new Error(`etsy/statsd ended with ${child.exitCode}:\n${output}`)
      return output.includes('server is up')
    })
    return new Etsy(port, child)
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }
}

/** Why it cannot be run here; undefined if it can. */
export function whyNoEtsy(): string | undefined {
  return existsSync(program) ? undefined : 'run `npm ci --ignore-scripts` in bench/rivals'
}
