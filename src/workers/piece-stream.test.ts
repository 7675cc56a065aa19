import { MessageChannel } from 'node:worker_threads'
import { expect, test, vi } from 'vitest'
import { KymoError } from '../telemetry/errors.ts'
import { receivePieces, sendPieces } from './piece-stream.ts'

/** Pieces of 256 KiB, each filled with its number, and how many have been made. */
function maker(count: number, { failAt = -1 } = {}) {
  const made = { count: 0, hasStopped: false }
  async function* pieces(): AsyncGenerator<Uint8Array> {
    try {
      for (let index = 0; index < count; index++) {
        if (index === failAt) throw new KymoError('query-too-long', { seconds: 1 })
        made.count += 1
        yield new Uint8Array(262_144).fill(index)
      }
    } finally {
      made.hasStopped = true
    }
  }
  return { made, pieces: pieces() }
}

function connect(count: number, options = {}) {
  const { made, pieces } = maker(count, options)
  const onUnwanted = vi.fn()
  const { port, done } = sendPieces(pieces, onUnwanted)
  return { made, done, onUnwanted, stream: receivePieces(port, 'query-1') }
}

test('all pieces arrive, in order', async () => {
  const { stream, done, onUnwanted } = connect(20)
  const numbers: number[] = []
  let bytes = 0
  for await (const piece of stream) {
    const first = (piece as Uint8Array)[0] as number
    if (numbers.at(-1) !== first) numbers.push(first)
    bytes += (piece as Uint8Array).length
  }
  expect(numbers).toEqual(Array.from({ length: 20 }, (_, index) => index))
  expect(bytes).toBe(20 * 262_144)
  await done
  expect(onUnwanted).not.toHaveBeenCalled()
})

test('no more are made than are read', async () => {
  const { stream, made } = connect(1_000)
  await new Promise((resolve) => stream.once('readable', resolve))
  await vi.waitUntil(() => made.count >= 4)
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(made.count).toBeLessThan(12)
  stream.destroy()
})

test('whoever makes them stops once nobody wants any more', async () => {
  const { stream, made, done, onUnwanted } = connect(1_000)
  await new Promise((resolve) => stream.once('readable', resolve))
  stream.destroy()
  await done
  expect(onUnwanted).toHaveBeenCalledOnce()
  expect(made.hasStopped).toBe(true)
  expect(made.count).toBeLessThan(12)
})

test('what goes wrong on the way is told', async () => {
  const { stream, done } = connect(10, { failAt: 3 })
  await expect(stream.toArray()).rejects.toMatchObject({ code: 'query-too-long' })
  await done
})

test('a thread that dies is an error, and not an end', async () => {
  const { port1, port2 } = new MessageChannel()
  const stream = receivePieces(port1, 'query-7')
  port2.on('message', () => port2.close())
  await expect(stream.toArray()).rejects.toMatchObject({ code: 'worker-died', details: { name: 'query-7' } })
})
