import type { FlushBatch } from '../../model/flush-batch.ts'
import type { Sample } from '../../model/sample.ts'

const PLAIN = { value: 0, weight: 1, isDelta: false, member: '' } as const

export function counter(key: string, value = 1, weight = 1): Sample {
  return { ...PLAIN, key, type: 'counter', value, weight }
}

export function gauge(key: string, value: number): Sample {
  return { ...PLAIN, key, type: 'gauge', value }
}

export function delta(key: string, value: number): Sample {
  return { ...PLAIN, key, type: 'gauge', value, isDelta: true }
}

export function timer(key: string, value: number, weight = 1): Sample {
  return { ...PLAIN, key, type: 'timer', value, weight }
}

export function member(key: string, name: string): Sample {
  return { ...PLAIN, key, type: 'set', member: name }
}

/** A batch as entries of key and value, in its order. */
export function rowsOf(batch: FlushBatch): [string, number][] {
  return batch.series.map(({ key }, index) => [key, batch.values[index] ?? Number.NaN])
}
