import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { FakeClock } from '../../lib/fake-clock.ts'
import { LineServer } from '../testdata/line-server.ts'
import { TcpConnection } from './tcp-connection.ts'

const signal = new AbortController().signal

/** More than the kernel takes for a reader that does not read. */
function* endless(): Generator<string> {
  for (;;) yield 'x'.repeat(65_536)
}

describe('a TCP connection', () => {
  let server: LineServer
  let stuck: LineServer
  let opened: TcpConnection[]

  beforeEach(async () => {
    opened = []
    server = await LineServer.start()
    stuck = await LineServer.start(0, (socket) => socket.pause())
  })

  afterEach(async () => {
    for (const connection of opened) await connection.close()
    await server.kill()
    await stuck.kill()
  })

  function connectionTo(port: number, clock = systemClock): TcpConnection {
    const timeouts = { connectTimeoutMs: 5_000, writeTimeoutMs: 10_000 }
    const connection = new TcpConnection({ host: '127.0.0.1', port, clock, ...timeouts })
    opened.push(connection)
    return connection
  }

  test('is made when it is first needed', async () => {
    const connection = connectionTo(server.port)
    expect(server.connectionCount).toBe(0)
    await connection.send(['a\n', 'b\n'], signal)
    await expect.poll(() => server.text).toBe('a\nb\n')
  })

  test('fails when the peer does not answer in time', async () => {
    const clock = new FakeClock()
    const sending = connectionTo(server.port, clock).send(['a\n'], signal)
    const failed = expect(sending).rejects.toThrow('no answer within 5 s')
    // Before the event loop had a chance to see the answer.
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
    clock.advance(5_000)
    await failed
  })

  test('fails with the reason of the signal, and is made anew the next time', async () => {
    const connection = connectionTo(stuck.port)
    const abort = new AbortController()
    const sending = connection.send(endless(), abort.signal)
    await expect.poll(() => stuck.connectionCount).toBe(1)
    abort.abort(new Error('enough'))
    await expect(sending).rejects.toThrow('enough')
    await connection.send(['a\n'], signal)
    await expect.poll(() => stuck.connectionCount).toBe(2)
  })

  test('can be closed while it sends, which then fails', async () => {
    const connection = connectionTo(stuck.port)
    const failed = expect(connection.send(endless(), signal)).rejects.toThrow('closed')
    await expect.poll(() => stuck.connectionCount).toBe(1)
    await connection.close()
    await failed
  })

  test('fails when the peer resets it while it sends', async () => {
    const failed = expect(connectionTo(stuck.port).send(endless(), signal)).rejects.toThrow(
      /ECONNRESET|EPIPE|closed/,
    )
    await expect.poll(() => stuck.connectionCount).toBe(1)
    await stuck.kill()
    await failed
  })

  test('fails when the peer ends it while it sends', async () => {
    const ending = await LineServer.start(0, (socket) => {
      socket.pause()
      socket.end()
    })
    await expect(connectionTo(ending.port).send(endless(), signal)).rejects.toThrow(/closed|ECONNRESET|EPIPE/)
    await ending.kill()
  })

  test('delivers to a peer that ends it after each batch', async () => {
    const terse = await LineServer.start(0, (socket) => socket.once('data', () => socket.end()))
    const connection = connectionTo(terse.port)
    for (const line of ['a\n', 'b\n', 'c\n']) {
      await connection.send([line], signal)
      await expect.poll(() => terse.openConnectionCount).toBe(0)
    }
    expect(terse.text).toBe('a\nb\nc\n')
    await terse.kill()
  })

  test('delivers what it took before it was closed', async () => {
    const text = 'x'.repeat(50_000)
    const connection = connectionTo(server.port)
    await connection.send([text], signal)
    await connection.close()
    await expect.poll(() => server.bytes).toBe(50_000)
    await expect.poll(() => server.openConnectionCount).toBe(0)
  })
})
