import { MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import { afterEach, expect, test } from 'vitest'
import { KymoError } from '../telemetry/errors.ts'
import { openLink } from './rpc.ts'

interface Server extends Record<string, (argument: never, signal: AbortSignal) => unknown> {
  double(n: number): number
  fail(code: 'data-in-use'): never
  forever(argument: null, signal: AbortSignal): Promise<string>
  note(text: string): void
  port(argument: null): { port: MessagePort }
  body(isLent: boolean): { body: Uint8Array; isLent: boolean }
}

const notes: string[] = []
const channels: MessageChannel[] = []
const bodies: ArrayBuffer[] = []

function connect() {
  const channel = new MessageChannel()
  channels.push(channel)
  let aborted = 0
  const server = openLink<Record<string, never>, Server>(channel.port2, {
    double: (n) => n * 2,
    fail: () => {
      throw new KymoError('data-in-use', { path: '/x', holder: '' })
    },
    forever: (_, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          aborted++
          resolve('stopped')
        })
      }),
    note: (text) => {
      notes.push(text)
    },
    port: () => {
      const further = new MessageChannel()
      channels.push(further)
      further.port1.postMessage('through')
      return { port: further.port2 }
    },
    body: (isLent) => {
      const body = Uint8Array.of(1, 2, 3, 4, 5, 6)
      bodies.push(body.buffer)
      return { body: body.subarray(0, 4), isLent }
    },
  })
  return { client: openLink<Server>(channel.port1), server, abortedCalls: () => aborted }
}

afterEach(() => {
  for (const channel of channels.splice(0)) channel.port1.close()
  notes.length = 0
})

test('a call is answered', async () => {
  expect(await connect().client.call('double', 21)).toBe(42)
})

test('a port in an answer moves with it', async () => {
  const { port } = await connect().client.call('port', null)
  expect(receiveMessageOnPort(port)).toEqual({ message: 'through' })
})

test.each([true, false])(
  'a part of its memory is what an answer is; that it is lent moves all: %s',
  async (isLent) => {
    const { body } = await connect().client.call('body', isLent)
    expect([...body]).toEqual([1, 2, 3, 4])
    expect(bodies.at(-1)?.detached).toBe(isLent)
  },
)

test('a KymoError crosses with its code and details', async () => {
  const failure = await connect()
    .client.call('fail', 'data-in-use')
    .catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(KymoError)
  expect((failure as KymoError).code).toBe('data-in-use')
  expect((failure as KymoError).message).toContain('"/x"')
})

test('an aborted call rejects here and is aborted there', async () => {
  const { client, abortedCalls } = connect()
  const controller = new AbortController()
  const call = client.call('forever', null, { signal: controller.signal })
  controller.abort(new Error('gone'))
  await expect(call).rejects.toThrow('gone')
  await client.call('double', 1)
  expect(abortedCalls()).toBe(1)
})

test('drain handles what has arrived without waiting for the event loop', async () => {
  const { client, server } = connect()
  client.notify('note', 'a')
  client.notify('note', 'b')
  server.drain()
  expect(notes).toEqual(['a', 'b'])
})

test('a broken link rejects what waits and what comes', async () => {
  const { client } = connect()
  const waiting = client.call('forever', null)
  client.break({ code: 'worker-died', details: { name: 'keeper', reason: 'test' } })
  await expect(waiting).rejects.toThrow('keeper')
  await expect(client.call('double', 1)).rejects.toThrow('keeper')
})

test('when the other end is closed, what waits is rejected there and what it asked for is aborted here', async () => {
  const { client, server, abortedCalls } = connect()
  const waiting = client.call('forever', null)
  const rejected = expect(waiting).rejects.toMatchObject({ code: 'worker-died' })
  await client.call('double', 1)
  expect([client.isBroken, server.isBroken]).toEqual([false, false])
  channels[0]?.port2.close()
  await rejected
  expect([client.isBroken, abortedCalls()]).toEqual([true, 1])
  client.notify('note', 'to nobody')
  client.drain()
})

test('names of Object.prototype are not handlers', async () => {
  const { client } = connect()
  await expect(client.call('constructor' as 'double', 1)).rejects.toThrow('nobody answers')
})
