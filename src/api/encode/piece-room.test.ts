import { expect, test } from 'vitest'
import { AnswerBody } from './answer-body.ts'
import { createPieceRoom, PIECE_BYTES } from './piece-room.ts'

const LIMIT_BYTES = 100_000_000

function write(room: ReturnType<typeof createPieceRoom>, text: string) {
  const body = new AnswerBody(LIMIT_BYTES, room)
  for (let start = 0; start < text.length; start += 10_000) body.add(text.slice(start, start + 10_000))
  return body.toAnswer('text/plain')
}

test.each([
  ['a piece or a part of it', 50_000],
  ['several', 3 * PIECE_BYTES],
])('memory of an answer of %s is that of the next one like it, once it is back', (_what, length) => {
  const room = createPieceRoom()
  const first = write(room, 'a'.repeat(length))
  const meanwhile = write(room, 'b'.repeat(length))
  expect(meanwhile.body.buffer).not.toBe(first.body.buffer)
  first.giveBack?.()
  const second = write(room, 'c'.repeat(length))
  expect(second.body.buffer).toBe(first.body.buffer)
  expect(Buffer.from(second.body).toString()).toBe('c'.repeat(length))
  expect(Buffer.from(meanwhile.body).toString()).toBe('b'.repeat(length))
})

test('a short answer has memory of its own, and as much as it needs', () => {
  const { body, giveBack } = write(createPieceRoom(), 'abc')
  expect(giveBack).toBeUndefined()
  expect(body.buffer.byteLength).toBe(3)
})

test('no more is kept than a bound, and nothing that is very long', () => {
  const room = createPieceRoom()
  const taken = Array.from({ length: 100 }, () => room.take(1))
  const veryLong = room.take(20_000_000)
  for (const piece of [veryLong, ...taken]) room.giveBack(piece)
  const again = new Set(Array.from({ length: 100 }, () => room.take(1).buffer))
  const keptBytes = taken.filter(({ buffer }) => again.has(buffer)).length * PIECE_BYTES
  expect(keptBytes).toBe(16 * 1024 * 1024)
  expect(room.take(20_000_000).buffer).not.toBe(veryLong.buffer)
})

test('what is not of the room is not kept', () => {
  const room = createPieceRoom()
  const foreign = new Uint8Array(1_000)
  room.giveBack(foreign)
  expect(room.take(1_000).buffer).not.toBe(foreign.buffer)
})
