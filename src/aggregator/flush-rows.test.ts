import { describe, expect, test } from 'vitest'
import { untypedIdentity } from '../model/untyped-identity.ts'
import { FlushRows, type RowSource } from './flush-rows.ts'

const HEAD = {
  timestampMs: 10_000,
  intervalMs: 10_000,
  metricCounts: { counter: 0, gauge: 0, timer: 0, set: 0 },
}

function sourceOf(name: string): RowSource & { asked: number } {
  return {
    asked: 0,
    identityOf(slot, column) {
      this.asked++
      return untypedIdentity(`${name}.${slot}.${column}`)
    },
  }
}

describe('the rows of a batch', () => {
  test('have the identities of whoever put them out, however many there are', () => {
    const rows = new FlushRows(10_000)
    const wanted: [key: string, value: number][] = []
    for (const [name, count] of [
      ['none', 0],
      ['few', 3],
      ['many', 1_000],
      ['none', 0],
      ['last', 1],
    ] as const) {
      rows.begin(sourceOf(name))
      for (let slot = 0; slot < count; slot++) {
        rows.push(slot, slot % 7, slot / 2)
        wanted.push([`${name}.${slot}.${slot % 7}`, slot / 2])
      }
    }
    const { series, values } = rows.toBatch(HEAD)
    expect(series.map(({ key }, row) => [key, values[row]])).toEqual(wanted)
    expect([rows.count, values.length]).toEqual([wanted.length, wanted.length])
  })

  test('are finite: what a double cannot hold is left out', () => {
    const rows = new FlushRows(10_000)
    rows.begin(sourceOf('a'))
    const values = [1, Number.NaN, Number.POSITIVE_INFINITY, -0, Number.NEGATIVE_INFINITY, Number.MAX_VALUE]
    for (const [slot, value] of values.entries()) rows.push(slot, 0, value)
    const batch = rows.toBatch(HEAD)
    expect([...batch.values]).toEqual([1, -0, Number.MAX_VALUE])
    expect(batch.series.map(({ key }) => key)).toEqual(['a.0.0', 'a.3.0', 'a.5.0'])
  })

  test('that nobody wants are counted, and nobody is asked whose they are', () => {
    const rows = new FlushRows(10_000, { isWanted: false })
    const source = sourceOf('a')
    rows.begin(source)
    for (let slot = 0; slot < 200; slot++) rows.push(slot, 0, 1)
    expect(rows.toBatch(HEAD)).toEqual({ ...HEAD, series: [], values: new Float64Array(0) })
    expect([rows.count, source.asked]).toEqual([200, 0])
  })
})
