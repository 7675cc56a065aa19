import { expect } from 'vitest'
import { type KymoProcess, until } from '../kymo.ts'
import { OwnMetricsReading } from '../own-metrics.ts'
import { type SendJob, send, type Sent } from './sender.ts'

/** Times as long as the first time. */
const LONGEST_REPETITION = 3

interface Total extends Sent {
  readonly received: number
  readonly accepted: number
  /** Datagrams, by the kernel. */
  readonly dropped: number
}

/** One way into a running Kymo, and what has been sent on it. */
export class FuzzedIntake {
  readonly kymo: KymoProcess
  /** As own metrics call it. */
  readonly listener: string
  readonly #job: Pick<SendJob, 'transport' | 'grammar' | 'target'>
  /** By seed, how much was sent the first time. */
  readonly #packetsOf = new Map<number, number>()
  #total: Total = { packets: 0, bytes: 0, lines: 0, uncertainLines: 0, received: 0, accepted: 0, dropped: 0 }

  constructor(kymo: KymoProcess, listener: string, job: Pick<SendJob, 'transport' | 'grammar' | 'target'>) {
    this.kymo = kymo
    this.listener = listener
    this.#job = job
  }

  /** Of all rounds so far. */
  get total(): Total {
    return this.#total
  }

  /**
   * Sends for a while, or with a seed that it knows what it sent then, and checks that every line is accounted for. Other intakes
   * may be sent to meanwhile.
   */
  async fuzz(seed: number, durationMs: number, isHurried: boolean): Promise<void> {
    const before = await OwnMetricsReading.take(this.kymo)
    const known = this.#packetsOf.get(seed)
    const extent =
      known === undefined
        ? { durationMs, mostPackets: Infinity }
        : { durationMs: LONGEST_REPETITION * durationMs, mostPackets: known }
    const sent = await send({ ...this.#job, seed, isHurried, ...extent })
    if (known === undefined) this.#packetsOf.set(seed, sent.packets)
    const after = await this.#settle(before, sent)
    const grown = (metric: string): number =>
      after.of(metric, this.listener) - before.of(metric, this.listener)
    const received = grown('kymo_received_lines_total')
    const dropped = grown('kymo_kernel_dropped_packets_total')
    this.#add({ ...sent, received, accepted: grown('kymo_accepted_lines_total'), dropped })

    if (this.#job.transport === 'udp') {
      expect(grown('kymo_received_packets_total') + dropped, this.#about('packets', seed)).toBe(sent.packets)
    }
    expect(received, this.#about('most lines', seed)).toBeLessThanOrEqual(sent.lines + sent.uncertainLines)
    // What was lost on the way is counted in packets, and nobody knows how many lines they held.
    if (dropped === 0) expect(received, this.#about('lines', seed)).toBeGreaterThanOrEqual(sent.lines)
  }

  #about(what: string, seed: number): string {
    return `${what} of ${this.listener} with the seed ${seed}`
  }

  /** Waits until everything has been taken in that was on its way; past a deadline, the checks say what is amiss. */
  async #settle(before: OwnMetricsReading, sent: Sent): Promise<OwnMetricsReading> {
    let last = before
    await until(
      `${this.listener} has taken in ${JSON.stringify(sent)}`,
      async () => {
        const now = await OwnMetricsReading.take(this.kymo)
        const [received, receivedLast, receivedBefore] = [now, last, before].map((reading) =>
          reading.of('kymo_received_lines_total', this.listener),
        ) as [number, number, number]
        const packets = [now, before].map(
          (reading) =>
            reading.of('kymo_received_packets_total', this.listener) +
            reading.of('kymo_kernel_dropped_packets_total', this.listener),
        ) as [number, number]
        const isAllHere =
          this.#job.transport === 'udp'
            ? packets[0] - packets[1] >= sent.packets
            : received - receivedBefore >= sent.lines
        const isQuiet = received === receivedLast && now.of('kymo_open_connections', this.listener) === 0
        last = now
        return isAllHere && isQuiet
      },
      60_000,
    )
    return last
  }

  #add(more: Total): void {
    const sum = (key: keyof Total): number => this.#total[key] + more[key]
    this.#total = {
      packets: sum('packets'),
      bytes: sum('bytes'),
      lines: sum('lines'),
      uncertainLines: sum('uncertainLines'),
      received: sum('received'),
      accepted: sum('accepted'),
      dropped: sum('dropped'),
    }
  }
}
