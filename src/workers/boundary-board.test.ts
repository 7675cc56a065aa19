import { expect, test } from 'vitest'
import { BoundaryBoard } from './boundary-board.ts'

test('the keeper sees a shard that has already posted, one that posts while it waits, and one that is late', async () => {
  const board = new BoundaryBoard(BoundaryBoard.allocate(3))
  board.post(0, 20_000)
  const waiting = board.waitForAll(20_000, [0, 1, 2], 50)
  board.post(1, 10_000)
  board.post(1, 20_000)
  expect(await waiting).toEqual([2])
})

test('a post of a later interval counts for the earlier ones', async () => {
  const board = new BoundaryBoard(BoundaryBoard.allocate(1))
  board.post(0, 30_000)
  expect(await board.waitForAll(20_000, [0], 10)).toEqual([])
})

test('no shards: nothing to wait for', async () => {
  expect(await new BoundaryBoard(BoundaryBoard.allocate(1)).waitForAll(1, [], 10)).toEqual([])
})
