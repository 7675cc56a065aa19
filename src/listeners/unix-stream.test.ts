import { existsSync, lstatSync, readdirSync, unlinkSync } from 'node:fs'
import { connect as connectTo, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createUnixListener } from './index.ts'
import type { BoundPath, Listener } from './listener.ts'
import { createIntakeFixture, expectBalance, until } from './testdata/intake-fixture.ts'
import { bindDatagrams, createSocketDirectory } from './testdata/unix-sender.ts'
import { createUnixStreamListener, type UnixStreamListenerOptions } from './unix-stream.ts'

const listeners: Listener<BoundPath>[] = []
const clients: Socket[] = []
let directory: ReturnType<typeof createSocketDirectory>
let path: string

beforeEach(() => {
  directory = createSocketDirectory()
  path = join(directory.path, 'a.sock')
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  await Promise.all(listeners.splice(0).map((listener) => listener.close()))
  directory.remove()
})

async function open(changes: Partial<UnixStreamListenerOptions> = {}) {
  const fixture = createIntakeFixture()
  const options = { ...fixture.options, path, setting: 'test.path', ...changes }
  const listener = createUnixStreamListener(options)
  listeners.push(listener)
  const addresses = await listener.open()
  return { ...fixture, listener, addresses }
}

async function connect(): Promise<Socket> {
  const client = connectTo(path)
  clients.push(client)
  client.on('error', () => undefined)
  await new Promise<void>((resolve, reject) => client.once('connect', resolve).once('close', reject))
  return client
}

function write(client: Socket, bytes: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => client.write(bytes, () => resolve()))
}

function frame(payload: string): Buffer {
  const header = Buffer.alloc(4)
  header.writeUInt32LE(Buffer.byteLength(payload))
  return Buffer.concat([header, Buffer.from(payload)])
}

function whenClosed(client: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (client.closed) resolve()
    else client.once('close', () => resolve()).resume()
  })
}

test('frames arrive from several connections', async () => {
  const { addresses, samples, connections, ...fixture } = await open()
  expect(addresses).toEqual([{ transport: 'unix-stream', path }])
  const first = await connect()
  const second = await connect()
  await write(first, Buffer.concat([frame('a:1|c\nb:2|c\n'), frame('c:3|c')]))
  await until(() => samples.length === 3)
  await write(second, frame('d:4|c\r\n\n'))
  await until(() => samples.length === 4)
  expect(samples.map(({ key, value }) => `${key}=${value}`)).toEqual(['a=1', 'b=2', 'c=3', 'd=4'])
  expect(connections()).toBe(2)
  first.end()
  await until(() => connections() === 1)
  expectBalance({ samples, connections, ...fixture })
})

test('a frame may be cut between reads at any byte', async () => {
  const { samples, packets } = await open()
  const client = await connect()
  const bytes = frame('name:12|c|@0.5|#k:v\n')
  for (let cut = 1; cut < bytes.length; cut++) {
    const packetsBefore = packets()
    await write(client, bytes.subarray(0, cut))
    await until(() => packets() > packetsBefore)
    await write(client, bytes.subarray(cut))
    await until(() => samples.length === cut)
  }
  expect(new Set(samples.map(({ key, value, weight }) => `${key}=${value}*${weight}`))).toEqual(
    new Set(['name;k=v=12*2']),
  )
})

test('a frame of 64 KiB is taken; one byte more ends the connection, and nobody else notices', async () => {
  const { samples, accepted, rejected, connections, warnings, ...fixture } = await open()
  const other = await connect()
  const client = await connect()
  await write(client, frame('a:1|c\n'.repeat(10_922) + 'b:1|'))
  await until(() => accepted() === 10_922)
  await write(client, frame('x'.repeat(65_537)))
  await whenClosed(client)
  await until(() => connections() === 1)
  expect(rejected()).toEqual({ no_type: 1, too_long: 1 })
  expect(warnings()).toContainEqual(expect.objectContaining({ listener: 'test-in', announcedBytes: 65_537 }))
  await write(other, frame('c:1|c'))
  await until(() => samples.at(-1)?.key === 'c')
  expectBalance({ samples, accepted, rejected, connections, warnings, ...fixture })
})

test('a client that sends plain lines where frames are wanted is told apart at once', async () => {
  const { rejections, connections } = await open()
  const client = await connect()
  await write(client, 'page.views:1|c\n')
  await whenClosed(client)
  await until(() => connections() === 0)
  expect(rejections).toMatchObject([
    { reason: 'too_long', line: 'page.views:1|c\\u000a', sender: `unix://${path}` },
  ])
})

test('a bound on frames that is set holds', async () => {
  const { samples, rejected } = await open({ maxFrameBytes: 8 })
  const client = await connect()
  await write(client, Buffer.concat([frame('abcd:1|c'), frame('abcde:1|c')]))
  await whenClosed(client)
  expect(samples.map(({ key }) => key)).toEqual(['abcd'])
  expect(rejected()).toEqual({ too_long: 1 })
})

test.each([
  ['closes in good order', (client: Socket) => client.end()],
  ['is gone without a word', (client: Socket) => client.destroy()],
])('half a frame is cut off when the client %s', async (_, leave) => {
  const { samples, rejected, connections, ...fixture } = await open()
  const client = await connect()
  await write(client, Buffer.concat([frame('a:1|c'), frame('b:2|c\nc:3|c').subarray(0, 12)]))
  await until(() => samples.length === 1)
  leave(client)
  await until(() => connections() === 0)
  expect(samples).toHaveLength(1)
  expect(rejected()).toEqual({ cut_off: 1 })
  expectBalance({ samples, rejected, connections, ...fixture })
})

describe('plain lines', () => {
  test('are taken as they are terminated, and the last when the client closes', async () => {
    const { samples, connections } = await open({ framing: 'lines' })
    const client = await connect()
    await write(client, 'a:1|c\nb:')
    await until(() => samples.length === 1)
    await write(client, '2|c\r\nc:3|c')
    await until(() => samples.length === 2)
    client.end()
    await until(() => connections() === 0)
    expect(samples.map(({ key, value }) => `${key}=${value}`)).toEqual(['a=1', 'b=2', 'c=3'])
  })

  test('that never end are one line too long, and the connection lives on', async () => {
    const { samples, rejected } = await open({ framing: 'lines' })
    const client = await connect()
    await write(client, Buffer.alloc(300_000, 'x'))
    await write(client, '\na:1|c\n')
    await until(() => samples.length === 1)
    expect(rejected()).toEqual({ too_long: 1 })
  })
})

test('one connection more than allowed is refused and counted; a place that is free is given again', async () => {
  const { samples, connections, refusedConnections, warnings } = await open({ maxConnections: 2 })
  const first = await connect()
  await connect()
  await until(() => connections() === 2)
  await whenClosed(await connect())
  await until(() => refusedConnections() === 1)
  expect(warnings()).toMatchObject([{ listener: 'test-in', limit: 2 }])

  first.end()
  await until(() => connections() === 1)
  await write(await connect(), frame('a:1|c'))
  await until(() => samples.length === 1)
})

test('a connection that sends nothing for too long is closed; one that sends is not', async () => {
  const { samples, connections, rejected, clock } = await open({ idleTimeoutMs: 60_000 })
  const idle = await connect()
  const busy = await connect()
  await write(idle, frame('a:1|c').subarray(0, 6))
  await write(busy, frame('a:1|c'))
  await until(() => samples.length === 1 && connections() === 2)
  clock.advance(40_000)
  await write(busy, frame('a:2|c'))
  await until(() => samples.length === 2)
  clock.advance(30_000)
  await until(() => connections() === 1)
  await whenClosed(idle)
  expect(rejected()).toEqual({ cut_off: 1 })
  await write(busy, frame('a:3|c'))
  await until(() => samples.length === 3)
})

test('random bytes are counted, and the next client is heard', async () => {
  const { samples, ...fixture } = await open()
  let state = 1
  for (let round = 0; round < 50; round++) {
    const client = await connect()
    const bytes = Uint8Array.from({ length: 300 }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return state >>> 24
    })
    client.end(bytes)
    await whenClosed(client)
  }
  await write(await connect(), frame('last.one:1|c'))
  await until(() => samples.at(-1)?.key === 'last.one')
  expectBalance({ samples, ...fixture })
})

test('what had arrived before a stop is handed on; a frame that is not whole is cut off', async () => {
  const { listener, samples, rejected, connections } = await open()
  const client = await connect()
  const other = await connect()
  await until(() => connections() === 2)
  await Promise.all([
    write(client, frame('a:1|c\n'.repeat(1_000))),
    write(other, frame('b:1|c').subarray(0, 6)),
  ])
  await listener.close()
  expect(samples).toHaveLength(1_000)
  expect(rejected()).toEqual({ cut_off: 1 })
  expect(connections()).toBe(0)
  expect(readdirSync(directory.path)).toEqual([])
})

test('a listener may be closed twice, before it is open, and while it opens; the path is free again', async () => {
  const { options } = createIntakeFixture()
  const create = (): Listener<BoundPath> =>
    createUnixListener('unix-stream', { ...options, path, setting: 'test.path' })
  const unopened = create()
  await unopened.close()
  await unopened.close()

  const opening = create()
  const addresses = opening.open()
  await Promise.all([opening.close(), opening.close()])
  expect(await addresses).toHaveLength(1)
  expect(existsSync(path)).toBe(false)
  await open()
})

describe('the file of the socket', () => {
  test('has the mode that is set, and 0722 without', async () => {
    const { listener } = await open({ mode: 0o660 })
    expect(lstatSync(path).mode & 0o777).toBe(0o660)
    await listener.close()
    await open()
    expect(lstatSync(path).mode & 0o777).toBe(0o722)
  })

  test('is replaced when nobody listens', async () => {
    bindDatagrams(path).close()
    const { samples } = await open()
    await write(await connect(), frame('a:1|c'))
    await until(() => samples.length === 1)
  })

  test('is in use when somebody listens, who goes on', async () => {
    const { samples } = await open()
    await expect(open()).rejects.toMatchObject({
      code: 'address-in-use',
      exitCode: 4,
      details: { transport: 'unix-stream', path, name: 'test-in', flag: 'test.path' },
    })
    await write(await connect(), frame('a:1|c'))
    await until(() => samples.length === 1)
  })

  test('is made again when it is removed, and open connections go on', async () => {
    const { listener, samples, clock, warnings, connections } = await open()
    const before = await connect()
    await until(() => connections() === 1)
    unlinkSync(path)
    clock.advance(2_000)
    await until(() => existsSync(path) && readdirSync(directory.path).length === 1)
    await write(await connect(), frame('a:1|c'))
    await write(before, frame('b:1|c'))
    await until(() => samples.length === 2)
    expect(warnings()).toMatchObject([{ listener: 'test-in', path }])
    await listener.close()
    expect(readdirSync(directory.path)).toEqual([])
  })

  test('is left alone when somebody else has made it, and is not removed at the end', async () => {
    const { listener, clock, warnings } = await open()
    unlinkSync(path)
    const other = bindDatagrams(path)
    clock.advance(2_000)
    await until(() => warnings().length === 1)
    await listener.close()
    expect(existsSync(path)).toBe(true)
    other.close()
  })
})
