import { expect, test } from 'vitest'
import { Random } from '../../../test/harness/random.ts'
import { LineOrder } from './line-order.ts'
import { IS_METRIC, KIND_COUNTER } from './record.ts'
import { copyText, hashOf } from './record-text.ts'
import { SeriesRecords } from './series-records.ts'

const LINES = 30

function recordsOf(count: number): { order: LineOrder; records: number[] } {
  const arena = new SeriesRecords()
  const records = Array.from({ length: count }, (_, index) => {
    const text = copyText(Buffer.from(`name${index}`), Buffer.from('|c'))
    return arena.add(hashOf(text), KIND_COUNTER | IS_METRIC, 0, text)
  })
  return { order: new LineOrder(arena), records }
}

/** As if all lines were searched for. Each of the blocks is a list of records; returns in which blocks the order was sought. */
function followAll(order: LineOrder, blocks: Iterable<readonly number[]>): boolean[] {
  return Array.from(blocks, (block) => {
    const { isSought } = order
    if (isSought) for (const record of block) order.follow(record)
    order.tookLines(0, block.length)
    return isSought
  })
}

function* shuffled(records: readonly number[], blockCount: number): Generator<number[]> {
  const random = new Random(7)
  for (let block = 0; block < blockCount; block++)
    yield Array.from({ length: LINES }, () => records[random.below(records.length)] ?? 0)
}

test('is sought all the time while most lines keep it', () => {
  const { order, records } = recordsOf(LINES * 20)
  const blocks = Array.from({ length: 20 }, (_, block) => records.slice(block * LINES, (block + 1) * LINES))
  // The senders of the blocks take turns as it comes.
  const random = new Random(3)
  const passes = Array.from({ length: 5_000 }, () => blocks[random.below(blocks.length)] ?? [])
  expect(followAll(order, passes)).not.toContain(false)
})

test('is known of all lines once they have come twice, however many they are', () => {
  const { order, records } = recordsOf(LINES * 1_000)
  const blocks = Array.from({ length: 1_000 }, (_, block) =>
    records.slice(block * LINES, (block + 1) * LINES),
  )
  followAll(order, blocks)
  expect(followAll(order, blocks)).not.toContain(false)
  const unexpected = records.filter((record) => !order.follow(record))
  expect(unexpected).toEqual([])
})

test.each([2, 10, 5_000])('is sought a few times in many where there is none, of %d names', (nameCount) => {
  const { order, records } = recordsOf(nameCount)
  const sought = followAll(order, shuffled(records, 10_000)).filter((isSought) => isSought).length
  expect(sought).toBeGreaterThan(100)
  expect(sought).toBeLessThan(2_000)
})

test('is found again when lines begin to keep it', () => {
  const { order, records } = recordsOf(LINES)
  followAll(order, shuffled(records, 1_000))
  followAll(
    order,
    Array.from({ length: 1_000 }, () => records),
  )
  expect(order.isSought).toBe(true)
  expect(order.isKept).toBe(true)
})
