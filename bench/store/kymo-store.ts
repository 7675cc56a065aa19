import { join } from 'node:path'
import type { Bench } from '../ingest/bench.ts'
import type { Kymo } from '../ingest/kymo-process.ts'
import type { PointStore } from './point-store.ts'

/** A whole Kymo that stores. */
export class KymoStore implements PointStore {
  readonly name = 'kymo'
  readonly dataPath: string
  readonly kymo: Kymo

  private constructor(kymo: Kymo, dataPath: string) {
    this.kymo = kymo
    this.dataPath = dataPath
  }

  /** `dataPath`: left out, a new directory. */
  static async start(bench: Bench, { dataPath = join(bench.place(), 'data'), flushInterval = '10s' } = {}) {
    return new KymoStore(await bench.kymo({ args: ['--data', dataPath], flushInterval }), dataPath)
  }

  get dataPaths(): readonly string[] {
    return [this.dataPath]
  }

  get pid(): number {
    return this.kymo.pid
  }

  get graphitePort(): number {
    return this.kymo.graphitePort
  }

  async takenPoints(): Promise<number> {
    return (await this.kymo.metrics()).sum('kymo_stored_points_total')
  }

  stop(): Promise<void> {
    return this.kymo.stop()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kymo.stop('SIGKILL')
  }
}
