import { expect } from 'vitest'
import { type KymoProcess, until } from '../kymo.ts'
import { OwnMetricsReading } from '../own-metrics.ts'
import { type SendJob, send, type Sent } from './sender.ts'

/** Times as long as the first time. */
const LONGEST_REPETITION = 3
const SETTLING_DEADLINE_MS = 60_000
/** Of a connection that is reset, something may come when nobody waits for it anymore. */
const QUIET_READINGS = 5

const LINES = 'kymo_received_lines_total'
const ACCEPTED = 'kymo_accepted_lines_total'
const PACKETS = 'kymo_received_packets_total'
const DROPPED = 'kymo_kernel_dropped_packets_total'
const OPEN = 'kymo_open_connections'

interface Total {
  readonly packets: number
  readonly bytes: number
  readonly lines: number
  readonly accepted: number
  /** Datagrams, by the kernel. */
  readonly dropped: number
}

/** One way into a running Kymo, and what has been sent on it. */
export class FuzzedIntake {
  readonly kymo: KymoProcess
  /** As own metrics call it. */
  readonly listener: string
  readonly #job: Pick<SendJob, 'transport' | 'dialect' | 'target'>
  /** By seed, how much was sent the first time. */
  readonly #packetsOf = new Map<number, number>()
  #total: Total = { packets: 0, bytes: 0, lines: 0, accepted: 0, dropped: 0 }

  constructor(kymo: KymoProcess, listener: string, job: Pick<SendJob, 'transport' | 'dialect' | 'target'>) {
    this.kymo = kymo
    this.listener = listener
    this.#job = job
  }

  /** Of all rounds so far. */
  get total(): Total {
    return this.#total
  }

  /**
   * Sends for a while, or with a seed that it knows what it sent then, and checks that every line is accounted for, and taken or
   * refused as it has to be. Other intakes may be sent to meanwhile.
   */
  async fuzz(seed: number, durationMs: number, isRude: boolean): Promise<void> {
    const before = await OwnMetricsReading.take(this.kymo)
    const known = this.#packetsOf.get(seed)
    const extent =
      known === undefined
        ? { durationMs, mostPackets: Infinity }
        : { durationMs: LONGEST_REPETITION * durationMs, mostPackets: known }
    const sent = await send({ ...this.#job, seed, isRude, ...extent })
    if (known === undefined) this.#packetsOf.set(seed, sent.packets)
    const after = await this.#settle(before, sent)
    const grown = (metric: string): number =>
      after.of(metric, this.listener) - before.of(metric, this.listener)
    const [lines, accepted, dropped] = [grown(LINES), grown(ACCEPTED), grown(DROPPED)]
    this.#add({ packets: sent.packets, bytes: sent.bytes, lines, accepted, dropped })

    if (this.#job.transport === 'udp') {
      const packets = this.#packets(after) - this.#packets(before)
      expect(packets, this.#about('packets', seed)).toBe(sent.packets)
    }
    // What the kernel drops it counts in packets, and nobody knows how many lines they held.
    const isComplete = dropped === 0
    expect(lines, this.#about('lines', seed)).toBeGreaterThanOrEqual(isComplete ? sent.lines : 0)
    expect(lines, this.#about('lines', seed)).toBeLessThanOrEqual(sent.lines + sent.uncertainLines)
    expect(accepted, this.#about('accepted lines', seed)).toBeGreaterThanOrEqual(
      isComplete ? sent.accepted : 0,
    )
    expect(accepted, this.#about('accepted lines', seed)).toBeLessThanOrEqual(
      sent.accepted + sent.uncertainLines,
    )
  }

  #about(what: string, seed: number): string {
    return `${what} of ${this.listener} with the seed ${seed}`
  }

  /** Waits until what was on its way has been taken in, and nothing more comes; past a deadline, the checks say what is amiss. */
  async #settle(before: OwnMetricsReading, sent: Sent): Promise<OwnMetricsReading> {
    let last = before
    let quietReadings = 0
    const isSettled = async (): Promise<boolean> => {
      const now = await OwnMetricsReading.take(this.kymo)
      const isQuiet = this.#lines(now) === this.#lines(last) && now.of(OPEN, this.listener) === 0
      quietReadings = isQuiet ? quietReadings + 1 : 0
      last = now
      const isAllHere =
        this.#job.transport === 'udp'
          ? this.#packets(now) - this.#packets(before) >= sent.packets
          : this.#lines(now) - this.#lines(before) >= sent.lines
      return isAllHere && quietReadings >= QUIET_READINGS
    }
    await until('everything is here', isSettled, SETTLING_DEADLINE_MS).catch(() => undefined)
    return last
  }

  #lines(reading: OwnMetricsReading): number {
    return reading.of(LINES, this.listener)
  }

  /** Those that the kernel dropped included. */
  #packets(reading: OwnMetricsReading): number {
    return reading.of(PACKETS, this.listener) + reading.of(DROPPED, this.listener)
  }

  #add(more: Total): void {
    const sum = (key: keyof Total): number => this.#total[key] + more[key]
    this.#total = {
      packets: sum('packets'),
      bytes: sum('bytes'),
      lines: sum('lines'),
      accepted: sum('accepted'),
      dropped: sum('dropped'),
    }
  }
}
