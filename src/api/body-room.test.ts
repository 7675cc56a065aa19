import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { BodyRoom } from './body-room.ts'

test('a body is whole, and its memory counts until it is released', async () => {
  const room = new BodyRoom(1_000)
  const stream = new PassThrough()
  const { body, release } = room.take(stream, 100)
  stream.write('ab')
  stream.end('c')
  expect((await body).toString()).toBe('abc')
  expect(room.heldBytes).toBeGreaterThanOrEqual(3)
  release()
  release()
  expect(room.heldBytes).toBe(0)
})

test.each([
  ['as long as it was said to be', 6],
  ['longer', 4],
  ['shorter', 9],
  ['of any length', 0],
])('a body is whole if it is %s', async (_, announcedBytes) => {
  const room = new BodyRoom(1_000)
  const stream = new PassThrough()
  const { body } = room.take(stream, 100, announcedBytes)
  for (const piece of ['ab', 'cde', 'f']) stream.write(piece)
  stream.end()
  expect((await body).toString()).toBe('abcdef')
})

test('nothing is a body, too, with memory of its own', async () => {
  for (let time = 0; time < 2; time++) {
    const stream = new PassThrough()
    const { body } = new BodyRoom(1_000).take(stream, 100)
    stream.end()
    const { buffer } = await body
    expect(buffer.byteLength).toBe(0)
    // As it is handed to another thread.
    structuredClone(buffer, { transfer: [buffer as ArrayBuffer] })
  }
})

test('one past its limit is refused with it, and what follows is thrown away', async () => {
  const room = new BodyRoom(1_000_000)
  const stream = new PassThrough()
  const { body, release } = room.take(stream, 10)
  stream.write('x'.repeat(11))
  await expect(body).rejects.toMatchObject({ code: 'body-too-large', details: { limit: 10 } })
  for (let turn = 0; turn < 100; turn++) stream.write('x'.repeat(10_000))
  await new Promise((resolve) => stream.end(resolve))
  release()
  expect(room.heldBytes).toBe(0)
})

test('who comes when others hold all there is, is sent away; and let in once they have gone', async () => {
  const room = new BodyRoom(1_000)
  const slow = new PassThrough()
  const held = room.take(slow, 2_000)
  slow.write('x'.repeat(800))
  const second = new PassThrough()
  const refused = room.take(second, 2_000)
  second.end('x'.repeat(200))
  await expect(refused.body).rejects.toMatchObject({ code: 'server-busy' })
  refused.release()
  held.release()
  expect(room.heldBytes).toBe(0)
  const third = new PassThrough()
  const { body } = room.take(third, 2_000)
  third.end('x'.repeat(200))
  expect(await body).toHaveLength(200)
})

test('pieces of one byte count for what they take', async () => {
  const room = new BodyRoom(10_000)
  const stream = new PassThrough()
  const { body } = room.take(stream, 1_000)
  const refused = expect(body).rejects.toMatchObject({ code: 'server-busy' })
  for (let turn = 0; turn < 100; turn++) {
    stream.write('x')
    await new Promise(setImmediate)
  }
  await refused
})

test('a stream that breaks rejects', async () => {
  const stream = new PassThrough()
  const { body } = new BodyRoom(1_000).take(stream, 100)
  stream.destroy(new Error('gone'))
  await expect(body).rejects.toThrow('gone')
})
