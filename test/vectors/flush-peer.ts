import { IntervalMerger, Shard } from '../../src/aggregator/index.ts'
import { type AggregatorConfig, aggregatorOptions, toAggregatorConfig } from '../../src/aggregator/options.ts'
import type { LineFormat } from '../../src/formats/format.ts'
import type { FlushBatch } from '../../src/model/flush-batch.ts'
import type { Sample } from '../../src/model/sample.ts'

/** The values of one flush by the names that Graphite is sent. */
export type FlushedValues = ReadonlyMap<string, number>

export interface FlushedInterval {
  readonly values: FlushedValues
  readonly batch: FlushBatch
}

const START_MS = 1_700_000_000_000

/** A config of Kymo's aggregator under the profile `statsd`, from what kymo.yaml would say. Throws where that is refused. */
export function flushConfig(options: object, intervalMs: number): AggregatorConfig {
  return toAggregatorConfig(aggregatorOptions.parse(options), { profile: 'statsd', intervalMs, cwd: '/' })
}

/** A server without sockets: lines or samples in, flushes out. */
export class FlushPeer {
  readonly #intervalMs: number
  readonly #merger: IntervalMerger
  #endMs: number
  #own = { packetsReceived: 0, metricsReceived: 0, badLinesSeen: 0 }
  #samples: Sample[] = []

  constructor(config: AggregatorConfig, intervalMs: number) {
    const own = {
      read: () => {
        const readings = this.#own
        this.#own = { packetsReceived: 0, metricsReceived: 0, badLinesSeen: 0 }
        return readings
      },
      monotonicMs: () => 0,
    }
    this.#intervalMs = intervalMs
    this.#endMs = START_MS
    this.#merger = new IntervalMerger({ intervalMs, ...config, own })
  }

  receive(lines: readonly string[], format: LineFormat): void {
    const out = {
      packet: () => undefined,
      sample: (sample: Sample) => this.add([sample]),
      point: () => undefined,
      event: () => undefined,
    }
    for (const line of lines) {
      const bytes = Buffer.from(line.replace(/\r$/, ''))
      this.#own.packetsReceived += 1
      this.#own.metricsReceived += 1
      if (format.decodeLine(bytes, 0, bytes.length, START_MS, out) !== undefined) this.#own.badLinesSeen += 1
    }
  }

  add(samples: readonly Sample[]): void {
    this.#samples.push(...samples.map((sample) => ({ ...sample })))
  }

  /** What was received since the last, through a shard of its own. `idleMs`: so much later than after one interval. */
  flush(idleMs = 0): FlushedInterval {
    const nowMs = this.#endMs
    const shard = new Shard({ intervalMs: this.#intervalMs, nowMs })
    for (const sample of this.#samples) shard.add(sample, nowMs)
    this.#samples = []
    this.#merger.dropShard(0)
    this.#merger.merge(0, shard.seal(nowMs))
    this.#endMs += this.#intervalMs + idleMs
    const batch = this.#merger.close(this.#endMs)
    const values = new Map(batch.series.map(({ key }, index) => [key, batch.values[index] ?? Number.NaN]))
    return { values, batch }
  }
}
