// Kinds of signals as monitoring has them, written as their senders write them, made from a seed. Each is a function of how many
// steps have gone by, and is called for each step in turn.
import type { Random } from '../../test/harness/random.ts'

export type Signal = (random: Random, stepsPerDay: number) => (step: number) => number

/** With up to 15 digits, most of them with fewer: what agents round, count and measure. */
export const DECIMAL_SIGNALS: Readonly<Record<string, Signal>> = {
  // A share in percent that wanders about its mean, with one decimal: CPU, disk.
  percent: (random) => {
    const mean = 5 + random.next() * 60
    let level = mean
    return () => {
      level += (mean - level) * 0.1 + normal(random) * 3
      return Number(Math.min(100, Math.max(0, level + normal(random))).toFixed(1))
    }
  },
  // The same of an idle machine, three decimals.
  idlePercent: (random) => {
    const mean = 0.1 + random.next()
    return () => Number(Math.abs(mean + normal(random) * 0.02).toFixed(3))
  },
  // Requests of an interval: a day's ups and downs, and chance.
  requests: (random, stepsPerDay) => {
    const mean = 10 ** (1 + random.next() * 3)
    return (step) => {
      const expected = mean * (1 + 0.8 * Math.sin((step / stepsPerDay) * 2 * Math.PI))
      return Math.max(0, Math.round(expected + normal(random) * Math.sqrt(expected)))
    }
  },
  // Errors: nearly always none.
  errors: (random) => () => (random.chance(0.03) ? random.between(1, 20) : 0),
  // Memory in pages of 4,096 bytes: it grows, and falls when something ends.
  memory: (random) => {
    let pages = random.between(100_000, 2_000_000)
    return () => {
      pages += random.chance(0.01) ? -random.below(pages >> 2) : random.below(200) - 80
      return pages * 4_096
    }
  },
  // A counter that only rises.
  total: (random) => {
    let total = random.below(1_000_000)
    const rate = 1 + random.below(5_000)
    return () => (total += Math.max(0, Math.round(rate + normal(random) * Math.sqrt(rate))))
  },
  // A sensor of eight decimals, which wander slowly.
  sensor: (random) => {
    let level = 20 + random.next() * 60
    return () => Number((level += normal(random) * 0.4).toFixed(8))
  },
  // Bytes per second, averaged: one decimal, heavy tails.
  network: (random) => {
    const scale = 10 ** (3 + random.next() * 4)
    return () => Number((scale * Math.exp(normal(random) * 0.8)).toFixed(1))
  },
  // A level that is set now and then: pool sizes, versions, limits.
  setting: (random) => {
    let level = random.between(1, 64)
    return () => (random.chance(0.002) ? (level = random.between(1, 64)) : level)
  },
  // One of a few states.
  state: (random) => {
    const states = [0, 0.5, 1, 42.125, 1_013.25]
    return () => random.pick(states)
  },
  // Seconds since start: regular to the digit.
  uptime: (random, stepsPerDay) => {
    const start = random.below(1_000_000)
    return (step) => start + (step * 86_400) / stepsPerDay
  },
}

/** With all 17 digits, because they were computed and nobody rounded them. */
export const COMPUTED_SIGNALS: Readonly<Record<string, Signal>> = {
  // A quotient of two counts: error rates, cache hits.
  quotient: (random) => {
    const mean = 20 + random.below(200)
    return () => random.below(mean) / (mean + random.below(40))
  },
  // The mean of a timer: a sum over a count.
  timerMean: (random) => () => {
    const count = random.between(3, 40)
    let sum = 0
    for (let value = 0; value < count; value++)
      sum += Math.round(Math.exp(3 + normal(random) * 0.6) * 100) / 100
    return sum / count
  },
  // The mean of five samples with two or three decimals, as what watches a cloud gives it: a decimal, and what doubles make of it.
  meanOfFive: (random, stepsPerDay) => {
    const mean = random.next() * 40
    const digits = random.between(2, 3)
    let level = mean
    return (step) => {
      level += (mean - level) * 0.2 + normal(random) * mean * 0.03
      const day = 1 + 0.3 * Math.sin((step / stepsPerDay) * 2 * Math.PI)
      let sum = 0
      for (let sample = 0; sample < 5; sample++)
        sum += Number(Math.max(0, level * day + normal(random) * mean * 0.02).toFixed(digits))
      return sum / 5
    }
  },
  // Megabytes that were bytes or pages: a number of pages over a power of two.
  megabytes: (random) => {
    let pages = random.between(100_000, 2_000_000)
    return () => (pages += random.below(400) - 200) / 256
  },
  // A rate: a count over an interval that is not round.
  perSecond: (random) => {
    const mean = 10 ** (1 + random.next() * 3)
    return () => Math.max(0, Math.round(mean + normal(random) * Math.sqrt(mean))) / 300
  },
}

/** What is real-like of a fleet: most is rounded, a third is computed. */
export const HOST_SIGNALS = { ...DECIMAL_SIGNALS, ...COMPUTED_SIGNALS }

export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
}
