import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadLibc } from '../lib/libc.ts'
import { createUnixListener } from './index.ts'
import type { BoundPath, Listener } from './listener.ts'
import { createIntakeFixture, expectBalance, until } from './testdata/intake-fixture.ts'
import { bindDatagrams, createSocketDirectory, UnixSender } from './testdata/unix-sender.ts'
import { createUnixDatagramListener, type UnixDatagramListenerOptions } from './unix-datagram.ts'

const isSupported = process.platform === 'linux' || process.platform === 'darwin'

const listeners: Listener<BoundPath>[] = []
const senders: UnixSender[] = []
let directory: ReturnType<typeof createSocketDirectory>
let path: string

beforeEach(() => {
  directory = createSocketDirectory()
  path = join(directory.path, 'a.sock')
})
afterEach(async () => {
  for (const sender of senders.splice(0)) sender.close()
  await Promise.all(listeners.splice(0).map((listener) => listener.close()))
  directory.remove()
})

async function open(changes: Partial<UnixDatagramListenerOptions> = {}) {
  const fixture = createIntakeFixture()
  const options = { ...fixture.options, path, setting: 'test.path', ...changes }
  const listener = createUnixDatagramListener(options)
  listeners.push(listener)
  const addresses = await listener.open()
  return { ...fixture, listener, addresses }
}

function createSender(to = path): UnixSender {
  const sender = new UnixSender(to)
  senders.push(sender)
  return sender
}

describe.runIf(isSupported)('datagrams on a Unix socket', () => {
  test('of one and of many lines arrive, with or without LF at the end', async () => {
    const { addresses, samples, packets, bytes, ...fixture } = await open()
    expect(addresses).toEqual([{ transport: 'unix-datagram', path }])
    const sender = createSender()
    const datagrams = ['a:1|c', 'b:2|g\n', 'c:3|ms\nd:4|c\r\n\ne:5|c', '', '\n']
    for (const datagram of datagrams) await sender.send(datagram)
    await until(() => packets() === 5)
    expect(samples.map(({ key, value }) => `${key}=${value}`)).toEqual(['a=1', 'b=2', 'c=3', 'd=4', 'e=5'])
    expect(bytes()).toBe(datagrams.join('').length)
    expectBalance({ packets, bytes, samples, ...fixture })
  })

  test('of several senders arrive, many at once and after a pause', async () => {
    const { accepted } = await open()
    const several = [createSender(), createSender(), createSender()]
    for (let round = 1; round <= 2; round++) {
      await Promise.all(
        several.map(async (sender) => {
          for (let index = 0; index < 500; index++) await sender.send('a:1|c\nb:2|c')
        }),
      )
      await until(() => accepted() === round * 3_000)
      // Longer than one wait for the socket, so that the next round ends a later one.
      await new Promise((resolve) => setTimeout(resolve, 150))
    }
  })

  test('of 64 KiB are taken whole; longer ones are one line too long', async () => {
    const { samples, packets, lines, accepted, rejected, ...fixture } = await open()
    const sender = createSender()
    await sender.send(`a:${'m'.repeat(65_531)}|s`)
    await until(() => packets() === 1)
    expect(samples[0]?.member).toHaveLength(65_531)
    await sender.send('a:1|c\n'.repeat(10_922) + 'b:1|')
    await until(() => packets() === 2)
    expect(accepted()).toBe(1 + 10_922)
    expect(rejected()).toEqual({ no_type: 1 })
    await sender.send('a:1|c\n'.repeat(20_000))
    await sender.send('c:1|c')
    await until(() => packets() === 4)
    expect(rejected()).toEqual({ no_type: 1, too_long: 1 })
    expect(samples.at(-1)?.key).toBe('c')
    expectBalance({ samples, packets, lines, accepted, rejected, ...fixture })
  })

  test('of random bytes are counted, and what comes behind them arrives', async () => {
    const { packets, samples, ...fixture } = await open()
    const sender = createSender()
    const datagrams = fc.sample(fc.uint8Array({ maxLength: 1_400 }), { numRuns: 100, seed: 1 })
    for (const datagram of datagrams) await sender.send(datagram)
    await sender.send('\nlast.one:1|c')
    await until(() => packets() === 101)
    expect(samples.at(-1)?.key).toBe('last.one')
    expectBalance({ packets, samples, ...fixture })
  })

  test('that are rejected are told with the socket', async () => {
    const { rejections } = await open()
    await createSender().send('rubbish\u001b')
    await until(() => rejections.length === 1)
    expect(rejections[0]).toMatchObject({
      reason: 'no_value',
      line: 'rubbish\\u001b',
      sender: `unixgram://${path}`,
    })
  })

  test('that had arrived before a stop are handed on, and the sender of the next is told', async () => {
    const { listener, samples } = await open()
    const sender = createSender()
    const sent: Promise<void>[] = []
    // Nothing is awaited in between: what the kernel has room for is there when the stop begins.
    for (let index = 0; index < 5; index++) sent.push(sender.send(`a:${index}|c`))
    const stopped = listener.close()
    await Promise.all(sent)
    await stopped
    expect(samples).toHaveLength(5)
    await expect(sender.send('b:1|c')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(readdirSync(directory.path)).toEqual([])
  })

  test('that were taken by the kernel while a stop goes on are lost in no case', async () => {
    const { listener, samples } = await open()
    const sender = createSender()
    let sent = 0
    const sending = (async () => {
      for (;;) {
        await sender.send('a:1|c')
        sent++
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    await until(() => samples.length > 20)
    const refused = expect(sending).rejects.toMatchObject({
      code: expect.stringMatching(/^(EPIPE|ECONNREFUSED|ECONNRESET)$/),
    })
    await listener.close()
    await refused
    expect(samples).toHaveLength(sent)
  })
})

describe.runIf(isSupported)('the file of the socket', () => {
  test.each([
    ['0722', undefined],
    ['0600', 0o600],
    ['0666', 0o666],
  ])('has the mode %s', async (wanted, mode) => {
    await open(mode === undefined ? {} : { mode })
    expect(`0${(lstatSync(path).mode & 0o777).toString(8)}`).toBe(wanted)
  })

  test('is replaced when nobody listens', async () => {
    bindDatagrams(path).close()
    const { samples } = await open()
    await createSender().send('a:1|c')
    await until(() => samples.length === 1)
  })

  test('is in use when another listener has it, which goes on', async () => {
    const { samples } = await open()
    await expect(open()).rejects.toMatchObject({
      code: 'address-in-use',
      exitCode: 4,
      details: { transport: 'unix-datagram', path, name: 'test-in', flag: 'test.path' },
    })
    await createSender().send('a:1|c')
    await until(() => samples.length === 1)
  })

  test('is in use when a stream has it', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(path, resolve))
    await expect(open()).rejects.toMatchObject({ code: 'address-in-use' })
    await new Promise((resolve) => server.close(resolve))
  })

  test('is never put in the place of another kind of file', async () => {
    writeFileSync(path, 'precious')
    await expect(open()).rejects.toMatchObject({ code: 'address-unavailable', exitCode: 4 })
    expect(lstatSync(path).isFile()).toBe(true)
  })

  test('is made again when it is removed, and nothing that was sent is lost', async () => {
    const { samples, clock, warnings } = await open()
    const before = createSender()
    await before.send('a:1|c')
    unlinkSync(path)
    await before.send('b:1|c')
    clock.advance(2_000)
    await until(() => existsSync(path))
    await createSender().send('c:1|c')
    await until(() => samples.length === 3)
    expect(warnings()).toMatchObject([{ listener: 'test-in', path }])
    expect(lstatSync(path).mode & 0o777).toBe(0o722)
    // Clients connect again when they are told.
    await until(() => readdirSync(directory.path).length === 1)
    await expect(before.send('d:1|c')).rejects.toMatchObject({
      code: expect.stringMatching(/^(EPIPE|ECONNREFUSED|ECONNRESET)$/),
    })
  })

  test('is left alone when somebody else has made it, and is not removed at the end', async () => {
    const { listener, clock, warnings, samples } = await open()
    const before = createSender()
    unlinkSync(path)
    const other = bindDatagrams(path)
    clock.advance(2_000)
    await until(() => warnings().length === 1)
    expect(warnings()).toMatchObject([{ listener: 'test-in', path }])
    await before.send('a:1|c')
    await until(() => samples.length === 1)
    await listener.close()
    expect(existsSync(path)).toBe(true)
    other.close()
  })

  test('is made again as soon as its directory is there again', async () => {
    const inner = join(directory.path, 'inner')
    mkdirSync(inner)
    path = join(inner, 'a.sock')
    const { clock, warnings, samples } = await open()
    rmSync(inner, { recursive: true })
    clock.advance(2_000)
    await until(() => warnings().length === 1)
    mkdirSync(inner)
    await until(() => {
      clock.advance(2_000)
      return existsSync(path)
    })
    await createSender().send('a:1|c')
    await until(() => samples.length === 1)
  })

  test.runIf(process.getuid?.() !== 0)('in a directory that is not ours is refused', async () => {
    chmodSync(directory.path, 0o500)
    await expect(open()).rejects.toMatchObject({
      code: 'address-unavailable',
      details: { reason: `this user may not make a socket in "${directory.path}"` },
    })
    chmodSync(directory.path, 0o700)
  })
})

test('where there is no native part, the reason is told', async () => {
  const load = (): Promise<never> => loadLibc('win32') as Promise<never>
  await expect(open({ loadLibc: load })).rejects.toMatchObject({
    code: 'address-unavailable',
    details: { reason: 'this needs Linux or macOS, and this is win32' },
  })
  expect(existsSync(path)).toBe(false)
})

describe.runIf(isSupported)('a listener', () => {
  test('may be closed twice, before it is open, and while it opens', async () => {
    const { options } = createIntakeFixture()
    const create = (): Listener<BoundPath> =>
      createUnixListener('unix-datagram', { ...options, path, setting: 'test.path' })
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

  test('leaves no timer behind', async () => {
    const { listener, clock } = await open()
    await createSender().send('rubbish')
    await listener.close()
    let hasTimers = false
    clock.after = () => {
      hasTimers = true
      return { cancel: () => undefined }
    }
    clock.advance(60_000)
    expect(hasTimers).toBe(false)
  })

  test('that the system fails says so now and then, and does not keep a processor busy', async () => {
    let calls = 0
    const broken = async () => {
      const libc = await loadLibc()
      return {
        ...libc,
        recv: () => {
          calls++
          return libc.close(-1)
        },
        poll: () => Promise.resolve(1),
      }
    }
    const { listener, clock, warnings } = await open({ loadLibc: broken })
    await until(() => warnings().length === 1)
    expect(warnings()).toMatchObject([{ listener: 'test-in', reason: 'EBADF: bad file descriptor, recv' }])
    const before = calls
    await new Promise((resolve) => setImmediate(resolve))
    expect(calls).toBe(before)
    clock.advance(10)
    await until(() => calls === before + 1)
    await listener.close()
  })

  test('of a thread that ends without a word leaves nothing in the way of the next', async () => {
    const script = `
      import { workerData, parentPort } from 'node:worker_threads'
      const { loadLibc } = await import(workerData.libc)
      const { UnixDatagramSocket } = await import(workerData.socket)
      const socket = UnixDatagramSocket.bind(await loadLibc(), workerData.path, 65_536)
      parentPort.postMessage('ready')
      for (;;) await new Promise((resolve) => setTimeout(resolve, 10, socket))
    `
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`), {
      workerData: {
        path,
        libc: new URL('../lib/libc.ts', import.meta.url).href,
        socket: new URL('./unix-datagram-socket.ts', import.meta.url).href,
      },
    })
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
    await expect(open()).rejects.toMatchObject({ code: 'address-in-use' })
    // It may be waiting in a system call, and may not.
    expect(await worker.terminate()).toBe(1)
    const { samples } = await open()
    await createSender().send('a:1|c')
    await until(() => samples.length === 1)
  })
})
