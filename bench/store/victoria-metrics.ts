import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { freePort } from '../../test/harness/free-port.ts'
import { type Child, sleep, startChild } from '../ingest/child.ts'
import { Skip } from '../ingest/skip.ts'
import type { PointSet } from './point-set.ts'
import type { PointStore } from './point-store.ts'

const COMMAND = 'victoria-metrics'
const READY_DEADLINE_MS = 20_000
const STOP_DEADLINE_MS = 300_000

/** The single node of VictoriaMetrics, as Debian packs it, with a retention that keeps all. */
export class VictoriaMetrics implements PointStore {
  readonly name = COMMAND
  /** Without the caches that it saves beside them. */
  readonly dataPaths: readonly string[]
  readonly graphitePort: number
  readonly #child: Child
  readonly #httpPort: number

  private constructor(child: Child, dataPath: string, ports: readonly [graphite: number, http: number]) {
    this.#child = child
    this.dataPaths = ['data', 'indexdb', 'metadata'].map((name) => join(dataPath, name))
    ;[this.graphitePort, this.#httpPort] = ports
  }

  /** Throws `Skip` where it is not installed. */
  static async start(directory: string): Promise<VictoriaMetrics> {
    if (spawnSync(COMMAND, ['-version']).error !== undefined)
      throw new Skip(`there is no ${COMMAND}: \`apt-get install victoria-metrics\``)
    const ports = [await freePort(), await freePort()] as const
    const dataPath = join(directory, 'victoria-metrics')
    const child = startChild(COMMAND, [
      `-graphiteListenAddr=127.0.0.1:${ports[0]}`,
      `-httpListenAddr=127.0.0.1:${ports[1]}`,
      `-storageDataPath=${dataPath}`,
      '-retentionPeriod=10y',
      '-loggerLevel=ERROR',
    ])
    const store = new VictoriaMetrics(child, dataPath, ports)
    const deadline = performance.now() + READY_DEADLINE_MS
    while (!(await store.#isReady())) {
      if (performance.now() > deadline) throw new Error(`${COMMAND} does not start: ${child.stderr()}`)
      await sleep(50)
    }
    return store
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.#httpPort}${path}`
  }

  get pid(): number {
    return this.#child.pid
  }

  async takenPoints(): Promise<number> {
    const text = await this.#get('/metrics')
    return Number(/^vm_rows_inserted_total\{type="graphite"\} (\d+)$/m.exec(text)?.[1] ?? 0)
  }

  /** How many points came back with other bits than they were sent with. */
  async changedPoints({ series, startMs, stepMs }: PointSet): Promise<number> {
    await this.#get('/internal/force_flush')
    let same = 0
    let total = 0
    for (const { name, values } of series) {
      total += values.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0)
      const query = new URLSearchParams({ 'match[]': `{__name__="${name}"}`, start: '0' })
      const text = await this.#get(`/api/v1/export?${query.toString()}`)
      for (const line of text.split('\n').filter((one) => one !== '')) {
        const found = JSON.parse(line) as { values: (number | null)[]; timestamps: number[] }
        for (const [index, timeMs] of found.timestamps.entries())
          if (Object.is(found.values[index], values[(timeMs - startMs) / stepMs])) same++
      }
    }
    return total - same
  }

  stop(): Promise<void> {
    return this.#child.stop('SIGINT', STOP_DEADLINE_MS)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#child.stop('SIGKILL')
  }

  async #isReady(): Promise<boolean> {
    try {
      await this.#get('/health')
      return true
    } catch {
      return false
    }
  }

  async #get(path: string): Promise<string> {
    const response = await fetch(this.url(path))
    const text = await response.text()
    if (!response.ok) throw new Error(`${response.status} from ${path} of ${COMMAND}: ${text}`)
    return text
  }
}
