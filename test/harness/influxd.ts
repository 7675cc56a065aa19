import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory, until } from './kymo.ts'

export const hasInfluxd = spawnSync('influxd', ['version']).status === 0

export interface InfluxTable {
  readonly name: string
  readonly tags?: Readonly<Record<string, string>>
  readonly columns: readonly string[]
  readonly values: readonly (readonly (string | number | null)[])[]
}

/** A real InfluxDB 1 of its own, with its files in a temporary directory. */
export class Influxd {
  readonly url: string
  readonly #child: ChildProcess

  static async start(): Promise<Influxd> {
    const folder = temporaryDirectory()
    const config = join(folder, 'influxdb.conf')
    writeFileSync(
      config,
      `reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
  dir = ${JSON.stringify(join(folder, 'meta'))}
[data]
  dir = ${JSON.stringify(join(folder, 'data'))}
  wal-dir = ${JSON.stringify(join(folder, 'wal'))}
[http]
  bind-address = "127.0.0.1:0"
  log-enabled = false
[monitor]
  store-enabled = false
`,
    )
    const child = spawn('influxd', ['-config', config], { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const address = (): string | undefined => /Listening on HTTP.* addr=(\S+)/.exec(said)?.[1]
    await until('InfluxDB listens', () => address() !== undefined || child.exitCode !== null)
    if (address() === undefined)
      throw new Error(`influxd ended with ${child.exitCode}: ${said.slice(-2_000)}`)
    return new Influxd(child, `http://${address()}`)
  }

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.url = url
  }

  /** Times in milliseconds. */
  async query(text: string, database = 'kymo'): Promise<readonly InfluxTable[]> {
    const query = new URLSearchParams({ db: database, q: text, epoch: 'ms' })
    const response = await fetch(`${this.url}/query`, { method: 'POST', body: query })
    const answer = (await response.json()) as {
      error?: string
      results?: { error?: string; series?: InfluxTable[] }[]
    }
    const [result] = answer.results ?? []
    const error = answer.error ?? result?.error
    if (error !== undefined) throw new Error(`InfluxDB does not answer "${text}": ${error}`)
    return result?.series ?? []
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }
}
