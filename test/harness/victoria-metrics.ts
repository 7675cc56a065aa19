import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { freeUrl } from '../../src/sinks/testdata/free-url.ts'
import { temporaryDirectory, until } from './kymo.ts'

export const hasVictoriaMetrics = spawnSync('victoria-metrics', ['-version']).status === 0

export interface ExportedSeries {
  readonly metric: Readonly<Record<string, string>>
  readonly values: readonly number[]
  /** Milliseconds. */
  readonly timestamps: readonly number[]
}

/** A real VictoriaMetrics of its own, with its files in a temporary directory. */
export class VictoriaMetrics {
  readonly url: string
  /** Where it takes what OpenTSDB does. */
  readonly opentsdbUrl: string
  readonly #child: ChildProcess

  static async start(): Promise<VictoriaMetrics> {
    const [url, opentsdbUrl] = [await freeUrl(), await freeUrl()]
    const flags = ['-retentionPeriod=100y', '-loggerLevel=ERROR', `-storageDataPath=${temporaryDirectory()}`]
    const ports = [
      `-httpListenAddr=${new URL(url).host}`,
      `-opentsdbHTTPListenAddr=${new URL(opentsdbUrl).host}`,
    ]
    const child = spawn('victoria-metrics', [...flags, ...ports], { stdio: 'ignore' })
    const isUp = async (): Promise<boolean> =>
      await fetch(`${url}/health`).then(
        ({ ok }) => ok,
        () => false,
      )
    await until('VictoriaMetrics listens', async () => child.exitCode !== null || (await isUp()))
    if (child.exitCode !== null) throw new Error(`victoria-metrics ended with ${child.exitCode}`)
    return new VictoriaMetrics(child, url, opentsdbUrl)
  }

  private constructor(child: ChildProcess, url: string, opentsdbUrl: string) {
    this.#child = child
    this.url = url
    this.opentsdbUrl = opentsdbUrl
  }

  /** All that it has of the series that the selector matches, sorted. */
  async export(selector: string): Promise<ExportedSeries[]> {
    await fetch(`${this.url}/internal/force_flush`)
    const query = new URLSearchParams({ 'match[]': selector, start: '0' })
    const text = await (await fetch(`${this.url}/api/v1/export?${query.toString()}`)).text()
    return text
      .split('\n')
      .filter((line) => line !== '')
      .toSorted((a, b) => (a < b ? -1 : 1))
      .map((line) => JSON.parse(line) as ExportedSeries)
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }
}
