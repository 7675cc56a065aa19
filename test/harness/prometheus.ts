import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory, until } from './kymo.ts'

export const hasPrometheus = spawnSync('prometheus', ['--version']).status === 0

export interface PrometheusSample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [seconds: number, value: string]
}

/** A real Prometheus on a free port, which takes remote write. `config` is YAML. */
export class Prometheus {
  readonly #directory = temporaryDirectory()
  readonly #child: ChildProcess
  #said = ''

  static async start(config: string, features: readonly string[] = []): Promise<Prometheus> {
    const prometheus = new Prometheus(config, features)
    await until('Prometheus is ready', () => prometheus.#said.includes('ready to receive web requests'))
    return prometheus
  }

  private constructor(config: string, features: readonly string[]) {
    this.#write(config)
    const args = [
      `--config.file=${this.#file}`,
      `--storage.tsdb.path=${join(this.#directory, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
      '--web.enable-remote-write-receiver',
      '--web.enable-lifecycle',
      ...(features.length === 0 ? [] : [`--enable-feature=${features.join(',')}`]),
    ]
    this.#child = spawn('prometheus', args, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#said += chunk.toString()))
  }

  /** What it complained about. */
  get complaints(): string[] {
    return this.#said.split('\n').filter((line) => /level=(warn|error)/.test(line))
  }

  url(path: string): string {
    const address = /msg="Listening on" address=(\S+)/.exec(this.#said)?.[1]
    return `http://${address}${path}`
  }

  async reload(config: string): Promise<void> {
    this.#write(config)
    const answer = await fetch(this.url('/-/reload'), { method: 'POST' })
    if (!answer.ok) throw new Error(await answer.text())
  }

  async query(expression: string): Promise<readonly PrometheusSample[]> {
    const answer = await fetch(this.url(`/api/v1/query?query=${encodeURIComponent(expression)}`))
    const { data } = (await answer.json()) as { readonly data?: { readonly result: PrometheusSample[] } }
    return data?.result ?? []
  }

  /** The value of the only series; undefined: there is none, or several. */
  async value(expression: string): Promise<number | undefined> {
    const [sample, ...others] = await this.query(expression)
    return sample === undefined || others.length > 0 ? undefined : Number(sample.value[1])
  }

  stop(): void {
    this.#child.kill('SIGKILL')
  }

  get #file(): string {
    return join(this.#directory, 'prometheus.yml')
  }

  #write(config: string): void {
    writeFileSync(this.#file, config)
  }
}
