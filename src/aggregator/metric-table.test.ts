import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runs } from '../../test/harness/runs.ts'
import type { SeriesKey } from '../model/series-key.ts'
import { CounterTable } from './counter-table.ts'
import { FlushRows } from './flush-rows.ts'
import type { MetricAdmission } from './metric-table.ts'
import { createSeriesForm } from './series-form.ts'
import { ShardNames } from './shard-names.ts'
import { toNameColumns } from '../model/partial-aggregate.ts'

const IDLE_MS = 20_000
const bytes = (key: string): Uint8Array => Buffer.from(key)

/** Lets in so many, and has others add up as `over`. */
class CountedAdmission implements MetricAdmission {
  readonly held: SeriesKey[] = []
  most: number

  constructor(most: number) {
    this.most = most
  }

  admit(key: SeriesKey): SeriesKey {
    if (key === 'over') return key
    if (this.held.length >= this.most) return 'over'
    this.held.push(key)
    return key
  }

  hold(key: SeriesKey): void {
    if (key !== 'over') this.held.push(key)
  }

  release(key: SeriesKey): void {
    if (key === 'over') return
    const index = this.held.indexOf(key)
    expect(index, `${key} is released and was not held`).toBeGreaterThanOrEqual(0)
    this.held.splice(index, 1)
  }
}

function createTable(admission?: MetricAdmission): CounterTable {
  return new CounterTable(createSeriesForm({ flushCounts: false }), {
    type: 'counter',
    idleTimeoutMs: IDLE_MS,
    admission,
  })
}

function addTo(table: CounterTable, slot: number, sum: number): void {
  table.add(table.sampled(slot), sum)
}

/** What it flushes: rates of an interval of a second, in their order. */
function flush(table: CounterTable, timestampMs: number, isWanted = true): [key: string, value: number][] {
  const rows = new FlushRows(1_000, { isWanted })
  table.flush(rows, timestampMs)
  const { series, values } = rows.toBatch({
    timestampMs,
    intervalMs: 1_000,
    metricCounts: { counter: 0, gauge: 0, timer: 0, set: 0 },
  })
  return series.map(({ metricKey }, index) => [metricKey, values[index] ?? Number.NaN])
}

describe('a table of metrics', () => {
  test('has a metric from its first sample on, and not from its name', () => {
    const table = createTable()
    const slot = table.name(bytes('a'))
    expect([table.size, table.has('a'), flush(table, 1_000)]).toEqual([0, false, []])
    addTo(table, slot, 2)
    expect([table.size, table.has('a'), flush(table, 2_000)]).toEqual([1, true, [['a', 2]]])
    expect(flush(table, 3_000)).toEqual([['a', 0]])
  })

  test('forgets what is idle for too long, and knows it again by the name that a shard still has', () => {
    const table = createTable()
    const slot = table.name(bytes('a'))
    addTo(table, slot, 1)
    flush(table, 1_000)
    expect(flush(table, 1_000 + IDLE_MS)).toEqual([['a', 0]])
    expect(flush(table, 1_001 + IDLE_MS)).toEqual([])
    const other = table.name(bytes('b'))
    addTo(table, other, 5)
    addTo(table, slot, 7)
    expect(flush(table, 2_000 + IDLE_MS)).toEqual([
      ['a', 7],
      ['b', 5],
    ])
  })

  test('gives the slot of what is forgotten to another when no shard means it any more', () => {
    const table = createTable()
    const [first, second] = [table.name(bytes('a')), table.name(bytes('a'))]
    expect(second).toBe(first)
    addTo(table, first, 1)
    expect(table.delete('a')).toBe(true)
    expect(table.delete('a')).toBe(false)
    table.unname(first)
    expect(table.name(bytes('b'))).not.toBe(first)
    table.unname(first)
    expect(table.name(bytes('c'))).toBe(first)
    addTo(table, first, 3)
    expect(flush(table, 1_000)).toEqual([['c', 3]])
  })

  test('keeps a slot that a shard means, by however many names', () => {
    const table = createTable()
    const slot = table.name(bytes('a'))
    // More than 16 bits can count.
    for (let times = 0; times < 70_000; times++) expect(table.name(bytes('a')) === slot).toBe(true)
    for (let times = 0; times < 70_000; times++) table.unname(slot)
    expect(table.name(bytes('b'))).not.toBe(slot)
    addTo(table, slot, 3)
    expect(flush(table, 1_000)).toEqual([['a', 3]])
  })

  test('adds up what is over a limit as one metric, until there is room again', () => {
    const admission = new CountedAdmission(2)
    const table = createTable(admission)
    const slots = ['a', 'b', 'c', 'd'].map((key) => table.name(bytes(key)))
    for (const slot of slots) addTo(table, slot, 1)
    for (const slot of slots) addTo(table, slot, 10)
    expect(flush(table, 1_000)).toEqual([
      ['a', 11],
      ['b', 11],
      ['over', 22],
    ])
    expect([admission.held, table.size]).toEqual([['a', 'b'], 3])
    table.delete('a')
    for (const slot of slots.slice(2)) addTo(table, slot, 1)
    expect(flush(table, 2_000)).toEqual([
      ['b', 0],
      ['c', 1],
      ['over', 1],
    ])
    flush(table, 2_001 + IDLE_MS)
    expect([admission.held, table.size]).toEqual([[], 0])
  })

  test('counts what is there against other limits', () => {
    const table = createTable(new CountedAdmission(2))
    for (const key of ['a', 'b']) addTo(table, table.name(bytes(key)), 1)
    const admission = new CountedAdmission(3)
    table.reconfigure({ type: 'counter', idleTimeoutMs: IDLE_MS, admission })
    expect(admission.held.toSorted()).toEqual(['a', 'b'])
    table.hold('c')
    addTo(table, table.name(bytes('d')), 1)
    expect([...table.keys()].toSorted()).toEqual(['a', 'b', 'c', 'over'])
  })

  test('flushes by key, whatever came, went, and came again in between, and whether it is always asked for or not', () => {
    const aStep = fc.record({
      key: fc.integer({ min: 0, max: 30 }).map((index) => `k${index * 7919}`),
      action: fc.constantFrom('sample', 'sample', 'sample', 'delete', 'unname', 'flush', 'flush unwanted'),
    })
    fc.assert(
      fc.property(fc.array(aStep, { maxLength: 150 }), (steps) => {
        const table = createTable()
        const names = new Map<string, number>()
        const sums = new Map<string, number>()
        let timestampMs = 0
        const expectFlushed = (): void => {
          const wanted = [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1))
          expect(flush(table, ++timestampMs)).toEqual(wanted)
          for (const key of sums.keys()) sums.set(key, 0)
        }
        for (const { key, action } of steps) {
          if (action === 'sample') {
            const slot = names.get(key) ?? table.name(bytes(key))
            names.set(key, slot)
            addTo(table, slot, 1)
            sums.set(key, (sums.get(key) ?? 0) + 1)
          } else if (action === 'delete') {
            expect(table.delete(key)).toBe(sums.delete(key))
          } else if (action === 'unname') {
            const slot = names.get(key)
            if (slot !== undefined) table.unname(slot)
            names.delete(key)
          } else if (action === 'flush') expectFlushed()
          else if (action === 'flush unwanted') {
            expect(flush(table, ++timestampMs, false)).toEqual([])
            for (const each of sums.keys()) sums.set(each, 0)
          }
        }
        expectFlushed()
        expect(table.size).toBe(sums.size)
      }),
      { numRuns: runs(100) },
    )
  })
})

describe('what the ids of a shard mean', () => {
  const COUNTER = 0
  const name = (id: number, key: string) => ({ id, type: 'counter' as const, key })
  const create = () => {
    const table = createTable()
    return { table, names: new ShardNames([table]) }
  }

  test('is what was said last, of the type that it was said of', () => {
    const { table, names } = create()
    names.introduce(toNameColumns([name(0, 'a'), name(1_000, 'b')]))
    expect(table.keyOf(names.slot(0, COUNTER))).toBe('a')
    expect(table.keyOf(names.slot(1_000, COUNTER))).toBe('b')
    for (const [id, type] of [
      [1, COUNTER],
      [0, 1],
      [0, 255],
      [5_000, COUNTER],
    ] as const)
      expect(names.slot(id, type)).toBe(-1)
    names.introduce(toNameColumns([name(0, 'c'), name(0, 'd')]))
    expect(table.keyOf(names.slot(0, COUNTER))).toBe('d')
  })

  test('goes with the shard, and leaves slots to others', () => {
    const { table, names } = create()
    names.introduce(toNameColumns(Array.from({ length: 500 }, (_, id) => name(id, `first.${id}`))))
    names.introduce(toNameColumns([name(7, 'again'), name(7, 'again')]))
    names.forget()
    expect(names.slot(7, COUNTER)).toBe(-1)
    const slots = Array.from({ length: 500 }, (_, id) => table.name(bytes(`second.${id}`)))
    expect(Math.max(...slots)).toBeLessThanOrEqual(500)
  })
})
