import { expect } from 'vitest'
import type { Rollup } from '../../../model/series-identity.ts'
import type { TimeRange } from '../../../model/time-range.ts'
import { pointsOf } from '../../engine.conformance.ts'
import type { OpenStore } from '../../open-store.ts'
import type { RuleBookSource } from '../../rules/index.ts'
import { BASE_MS as SOME_MS } from '../../testdata/base-time.ts'
import type { EmbeddedStoreOptions } from '../open-embedded-store.ts'
import { LogFixture, packerHere } from './log-fixture.ts'

export const STEP_MS = 10_000
export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
/** What begins here are whole slots of all tiers. */
export const BASE_MS = Math.ceil(SOME_MS / HOUR_MS) * HOUR_MS
export const TIERS = [MINUTE_MS, 10 * MINUTE_MS]
const ROLLUPS: readonly Rollup[] = ['sum', 'min', 'max', 'mean', 'last']

/** Points as they came for so many hours, by the minute for a day, by ten minutes for ten. */
export function rulesOf(hours: number): RuleBookSource {
  return {
    defaultRetentions: [
      { stepSeconds: 10, retentionSeconds: hours * 3_600 },
      { stepSeconds: 60, retentionSeconds: 24 * 3_600 },
      { stepSeconds: 600, retentionSeconds: 10 * 86_400 },
    ],
  }
}

/** A store with tiers that lives through a history, and what a reader that never forgets would know of it. */
export class TierHistory {
  readonly fixture = new LogFixture()
  readonly #options: Partial<EmbeddedStoreOptions>
  /** By key and time. */
  readonly #known = new Map<string, Map<number, number>>()
  #store: OpenStore | undefined

  constructor(options: Partial<EmbeddedStoreOptions> = {}) {
    this.#options = { rules: rulesOf(4), packer: packerHere(), ...options }
    this.fixture.clock.advance(BASE_MS - SOME_MS)
  }

  get store(): OpenStore {
    if (this.#store === undefined) throw new Error('the store is not open')
    return this.#store
  }

  get nowMs(): number {
    return this.fixture.clock.nowMs()
  }

  async open(options: Partial<EmbeddedStoreOptions> = {}): Promise<void> {
    this.#store = await this.fixture.open({ ...this.#options, ...options })
  }

  async reopen(): Promise<void> {
    await this.store.close()
    await this.open()
  }

  append(key: string, points: readonly (readonly [number, number])[]): void {
    this.store.engine.append(pointsOf(key, points))
    const times = this.#known.get(key) ?? new Map<number, number>()
    this.#known.set(key, times)
    for (const [timeMs, value] of points) times.set(timeMs, value)
  }

  async erase(key: string, startMs: number, endMs: number): Promise<void> {
    await this.store.engine.delete([key], { startMs, endMs })
    this.forget(key, (timeMs) => timeMs >= startMs && timeMs < endMs)
  }

  /** Of what is known, and not of the store. */
  forget(key: string, isGone: (timeMs: number) => boolean): void {
    const times = this.#known.get(key)
    for (const timeMs of times?.keys() ?? []) if (isGone(timeMs)) times?.delete(timeMs)
  }

  /** Lets so much time pass, and what is due in it be done. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 10 * MINUTE_MS) {
      this.fixture.clock.advance(Math.min(left, 10 * MINUTE_MS))
      await settled()
    }
  }

  /** Whole numbers, so that sums are exact in whatever order. */
  async live(keys: readonly string[], hours: number, seed = 1): Promise<void> {
    let random = seed
    const endMs = this.nowMs + hours * HOUR_MS
    while (this.nowMs < endMs) {
      for (const key of keys) {
        const points = Array.from({ length: 60 }, (_, index) => {
          random = (random * 1_103_515_245 + 12_345) % 2_147_483_648
          return [this.nowMs + index * STEP_MS, (random % 2_001) - 1_000] as const
        })
        this.append(
          key,
          points.filter(() => (random = (random * 48_271) % 2_147_483_647) % 10 > 0),
        )
      }
      await this.pass(10 * MINUTE_MS)
    }
  }

  async read(key: string, rollup: Rollup, stepMs: number, range = this.span): Promise<(number | null)[]> {
    const tierStepsMs = TIERS.filter((tierMs) => tierMs <= stepMs)
    const chunks = this.store.engine.read({ series: [{ key, rollup, tierStepsMs }], range, stepMs })
    for await (const { values } of chunks) return [...values].map(orNull)
    return []
  }

  wanted(key: string, rollup: Rollup, stepMs: number, range = this.span): (number | null)[] {
    const slots = new Map<number, number[]>()
    for (const [timeMs, value] of [...(this.#known.get(key) ?? [])].sort(([a], [b]) => a - b)) {
      const slot = Math.floor((timeMs - range.startMs) / stepMs)
      const values = slots.get(slot)
      if (values === undefined) slots.set(slot, [value])
      else values.push(value)
    }
    return Array.from({ length: (range.endMs - range.startMs) / stepMs }, (_, slot) => {
      const values = slots.get(slot)
      return values === undefined ? null : rolledUp(rollup, values)
    })
  }

  /** Whole slots of the coarsest tier, from the first point on. */
  get span(): TimeRange {
    const coarsestMs = 10 * MINUTE_MS
    return { startMs: BASE_MS, endMs: Math.ceil((this.nowMs + 1) / coarsestMs) * coarsestMs }
  }

  async expectAsKnown(...keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      for (const rollup of ROLLUPS) {
        for (const stepMs of TIERS)
          expect(await this.read(key, rollup, stepMs), `${rollup} of ${key} in ${stepMs} ms`).toEqual(
            this.wanted(key, rollup, stepMs),
          )
      }
    }
  }

  async end(): Promise<void> {
    await this.#store?.close()
    this.fixture.remove()
  }
}

export async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await new Promise(setImmediate)
}

export function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}

function rolledUp(rollup: Rollup, values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0)
  switch (rollup) {
    case 'sum':
      return sum
    case 'mean':
      return sum / values.length
    case 'min':
      return Math.min(...values)
    case 'max':
      return Math.max(...values)
    case 'last':
      return values.at(-1) ?? 0
  }
}
