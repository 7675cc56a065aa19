import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { collidingKeys, keysWithLowBits } from '../testdata/colliding-keys.ts'
import { ID, IS_METRIC, IS_SHAPE, KIND_COUNTER, KIND_GAUGE, NEXT, TARGET } from './record.ts'
import { copyText, hashOf, type RecordText } from './record-text.ts'
import { MOST_PLACES, SeriesRecords, UNIT_BYTES } from './series-records.ts'

const COUNTER = KIND_COUNTER | IS_METRIC
const GAUGE = KIND_GAUGE | IS_METRIC

function textOf(name: string, mark = '|c'): RecordText {
  return copyText(Buffer.from(name), Buffer.from(mark))
}

function add(records: SeriesRecords, name: string, meaning = COUNTER, target = 0, mark = '|c'): number {
  const text = textOf(name, mark)
  return records.add(hashOf(text), meaning, target, text)
}

function find(records: SeriesRecords, name: string, wanted = IS_METRIC, mark = '|c'): number {
  const text = textOf(name, mark)
  return records.find(hashOf(text), wanted, text)
}

function nameAt(records: SeriesRecords, at: number): string {
  return Buffer.from(records.nameBytes(at)).toString()
}

/** Places that are taken. */
function placed(records: SeriesRecords): number {
  return records.index.reduce((sum, reference) => sum + (reference === 0 ? 0 : 1), 0)
}

const dropNone = (): void => {}

describe('records', () => {
  test('are found by their text alone, as a map would find them, whatever is added and dropped', () => {
    const step = fc.record({
      name: fc.string({ unit: fc.constantFrom('a', 'b', '.', 'é', ';'), maxLength: 20 }),
      kind: fc.constantFrom(COUNTER, GAUGE),
      isDropped: fc.boolean(),
      compacts: fc.integer({ min: 0, max: 30 }).map((number) => number === 0),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const records = new SeriesRecords()
        const known = new Map<string, number>()
        let nextId = 0
        for (const { name, kind, isDropped, compacts } of steps) {
          const mark = kind === COUNTER ? '|c' : '|g'
          const isKnown = known.has(name + mark)
          expect(find(records, name, IS_METRIC, mark) !== 0).toBe(isKnown)
          if (!isKnown) {
            known.set(name + mark, nextId)
            records.view.setUint32(add(records, name, kind, 0, mark) + ID, nextId++, true)
          }
          if (!compacts) continue
          const gone: number[] = []
          const wanted = isDropped ? 0 : 1
          records.compact(
            (at) => (records.view.getUint32(at + ID, true) & 1) === wanted,
            (id) => gone.push(id),
            true,
          )
          for (const [key, id] of known) if ((id & 1) !== wanted) known.delete(key)
          expect(gone.every((id) => (id & 1) !== wanted)).toBe(true)
        }
        for (const [key, id] of known) {
          const at = find(records, key.slice(0, -2), IS_METRIC, key.slice(-2))
          expect(records.view.getUint32(at + ID, true)).toBe(id)
        }
        expect([...records]).toHaveLength(known.size)
      }),
      { numRuns: 60 },
    )
  })

  test('are all found in an arena and an index that have grown, the oldest first', () => {
    const records = new SeriesRecords()
    const places = records.index.length
    const names = Array.from({ length: 20_000 }, (_, index) => `series.${index}.${'x'.repeat(index % 90)}`)
    for (const name of names) add(records, name)
    expect(records.index.length).toBeGreaterThan(places)
    for (const name of names) expect(nameAt(records, find(records, name))).toBe(name)
    expect(Array.from(records, (at) => nameAt(records, at))).toEqual(names)
    expect(placed(records) * 2).toBeLessThanOrEqual(records.index.length)
  })

  test('of a shape lead to that of their metric, and go with it', () => {
    const records = new SeriesRecords()
    const metricOf = (name: string, mark: string): string =>
      nameAt(records, records.view.getUint32(find(records, name, IS_SHAPE, mark) + TARGET, true) * UNIT_BYTES)
    for (const name of ['gone', 'kept']) {
      const metric = add(records, name)
      for (const mark of ['|c|@0.1', '|c|#a:b']) add(records, name, KIND_COUNTER | IS_SHAPE, metric, mark)
    }
    expect(metricOf('kept', '|c|#a:b')).toBe('kept')
    records.compact((at) => nameAt(records, at) === 'kept', dropNone, true)
    expect(find(records, 'gone', IS_SHAPE, '|c|@0.1')).toBe(0)
    expect(['|c|@0.1', '|c|#a:b'].map((mark) => metricOf('kept', mark))).toEqual(['kept', 'kept'])
    records.compact(() => true, dropNone, false)
    expect([find(records, 'kept', IS_SHAPE, '|c|@0.1'), nameAt(records, find(records, 'kept'))]).toEqual([
      0,
      'kept',
    ])
  })
})

test('records that have moved know nothing of what came behind them', () => {
  const records = new SeriesRecords()
  const [gone, kept, next] = ['gone', 'kept', 'next'].map((name) => add(records, name)) as [
    number,
    number,
    number,
  ]
  for (const at of [gone, kept]) records.view.setUint32(at + NEXT, next / UNIT_BYTES, true)
  records.compact((at) => at !== gone, dropNone, true)
  expect(Array.from(records, (at) => records.view.getUint32(at + NEXT, true))).toEqual([0, 0])
})

describe('names that collide', () => {
  test('have a bounded number of places, and are found beyond it', () => {
    const records = new SeriesRecords()
    const names = collidingKeys(1_000)
    expect(new Set(names.map((name) => hashOf(textOf(name)))).size).toBe(1)
    for (const name of names) add(records, name)
    expect(placed(records)).toBe(MOST_PLACES)
    for (const name of names) expect(nameAt(records, find(records, name))).toBe(name)
    records.compact((at) => nameAt(records, at) !== names[0], dropNone, true)
    expect(placed(records)).toBe(MOST_PLACES)
    expect(find(records, names[0] ?? '')).toBe(0)
    for (const name of names.slice(1)) expect(nameAt(records, find(records, name))).toBe(name)
  })

  test('as shapes are not remembered beyond it, and take no room', () => {
    const records = new SeriesRecords()
    const metric = add(records, 'metric')
    const names = collidingKeys(100)
    const added = names.filter((name) => add(records, name, KIND_COUNTER | IS_SHAPE, metric) !== 0)
    // The metric may have one of the places by chance.
    expect([MOST_PLACES, MOST_PLACES - 1]).toContain(added.length)
    const { sizeBytes } = records
    expect(add(records, names.at(-1) ?? '', KIND_COUNTER | IS_SHAPE, metric)).toBe(0)
    expect(records.sizeBytes).toBe(sizeBytes)
  })

  test('in the smaller index behind a flood alone are found in it', () => {
    const records = new SeriesRecords()
    const places = records.index.length
    const bits = Math.log2(places)
    for (let index = 0; index < places; index++) add(records, `flood.${index}`)
    const halves = [0, 1].flatMap((half) => keysWithLowBits(bits + 1, 77 + half * places, 20))
    for (const name of halves) add(records, name)
    records.compact((at) => nameAt(records, at).startsWith('low'), dropNone, true)
    expect(records.index.length).toBe(places)
    for (const name of halves) expect(find(records, name), name).not.toBe(0)
  })
})
