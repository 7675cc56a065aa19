import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { FakeClock } from '../lib/fake-clock.ts'
import { silentLog } from '../telemetry/log.ts'
import { type AdminConsole, createAdminConsole } from './admin-console.ts'

const DEADLINE_MS = 10_000

let running: AdminConsole[] = []
let sockets: Socket[] = []

afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  await Promise.all(running.map((console) => console.close()))
  running = []
  sockets = []
})

async function start(hosts: readonly string[] = ['127.0.0.1']) {
  const clock = new FakeClock()
  const admin = createAdminConsole({ hosts, port: 0, clock, log: silentLog })
  running.push(admin)
  const addresses = await admin.open()
  return { admin, clock, addresses, port: addresses[0]?.port ?? 0 }
}

async function join(port: number, host = '127.0.0.1') {
  const socket = connect({ port, host, noDelay: true })
  sockets.push(socket)
  socket.setEncoding('latin1')
  const client = { socket, received: '', isClosed: false }
  socket.on('data', (chunk) => (client.received += String(chunk)))
  socket.on('error', () => {})
  socket.on('close', () => {
    client.isClosed = true
  })
  await once(socket, 'connect')
  return client
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + DEADLINE_MS
  while (!isTrue()) {
    if (systemClock.monotonicMs() > deadlineMs) throw new Error('it did not come true in time')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

test('a browser that was sent here by a page commands nothing', async () => {
  const { port } = await start()
  const body = 'health down\nhealth down\n'
  const browser = await join(port)
  const head = `POST /health HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: ${body.length}\r\n\r\n`
  for (const piece of [head.slice(0, 9), head.slice(9), body]) browser.socket.write(piece)
  await until(() => browser.isClosed)
  expect(browser.received).toBe('')
  const monitor = await join(port)
  monitor.socket.end('health\n')
  await until(() => monitor.isClosed)
  expect(monitor.received).toBe('health: up\n')
})

describe('commands', () => {
  const cases: [sent: string, answer: string][] = [
    ['health\n', 'health: up\n'],
    ['health\r\n', 'health: up\n'],
    ['  health  \n', 'health: up\n'],
    ['health down\n', 'health: down\n'],
    ['health DOWN\nhealth\n', 'health: down\nhealth: down\n'],
    ['health down\nhealth up\n', 'health: down\nhealth: up\n'],
    ['health sideways\n', 'health: up\n'],
    ['help\n', 'Commands: health, quit\n\n'],
    ['\n\r\n   \nhealth\n', 'health: up\n'],
    ['stats\n', 'ERROR\n'],
    ['Health\n', 'ERROR\n'],
    ['__proto__\n', 'ERROR\n'],
    ['constructor\n', 'ERROR\n'],
    ['\u0000\u00ff\u001b[2J\n', 'ERROR\n'],
    [`${'x'.repeat(4097)}\nhealth\n`, 'ERROR\nhealth: up\n'],
    ['health\nbogus\nhelp\nhealth\n', 'health: up\nERROR\nCommands: health, quit\n\nhealth: up\n'],
  ]
  test.each(cases)('%j', async (sent, answer) => {
    const { port } = await start()
    const client = await join(port)
    client.socket.write(sent, 'latin1')
    client.socket.end('quit\n')
    await until(() => client.isClosed)
    expect(client.received).toBe(answer)
  })

  test('quit ends the connection, and what follows it is not done', async () => {
    const { port } = await start()
    const client = await join(port)
    client.socket.write('quit\nhealth down\n')
    await until(() => client.isClosed)
    const other = await join(port)
    other.socket.write('health\n')
    await until(() => other.received !== '')
    expect([client.received, other.received]).toEqual(['', 'health: up\n'])
  })

  test('the health that one client sets, all are told', async () => {
    const { port } = await start()
    const [first, second] = [await join(port), await join(port)]
    first.socket.write('health down\n')
    await until(() => first.received !== '')
    second.socket.write('health\n')
    await until(() => second.received !== '')
    expect(second.received).toBe('health: down\n')
  })
})

describe('a line that does not end', () => {
  test('is a command when nothing follows it for a moment', async () => {
    const { port, clock } = await start()
    const client = await join(port)
    client.socket.write('health')
    await until(() => {
      clock.advance(50)
      return client.received !== ''
    })
    expect(client.received).toBe('health: up\n')
    client.socket.write('\nhealth\n')
    await until(() => client.received.length > 'health: up\n'.length)
    expect(client.received).toBe('health: up\nhealth: up\n')
  })

  test('is a command when the client stops sending', async () => {
    const { port } = await start()
    const client = await join(port)
    client.socket.end('health')
    await until(() => client.isClosed)
    expect(client.received).toBe('health: up\n')
  })

  test('is put together again when it came in pieces', async () => {
    const { port, clock } = await start()
    const client = await join(port)
    for (const piece of ['he', 'alth', ' do', 'wn', '\n']) {
      client.socket.write(piece)
      clock.advance(20)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await until(() => client.received !== '')
    expect(client.received).toBe('health: down\n')
  })

  test('and is too long ends the connection', async () => {
    const { port } = await start()
    const client = await join(port)
    client.socket.write('x'.repeat(4097))
    await until(() => client.isClosed)
    expect(client.received).toBe('ERROR\n')
  })
})

describe('bounds', () => {
  test('sixteen clients, over both families together', async () => {
    const { port, addresses } = await start(['127.0.0.1', '::1'])
    const clients: Awaited<ReturnType<typeof join>>[] = []
    for (let i = 0; i < 16; i++) clients.push(await join(port, addresses[i % addresses.length]?.host))
    const oneTooMany = await join(port)
    await until(() => oneTooMany.isClosed)
    clients[0]?.socket.write('quit\n')
    await until(() => clients[0]?.isClosed === true)
    const next = await join(port)
    next.socket.write('health\n')
    await until(() => next.received !== '' || next.isClosed)
    expect(next.received).toBe('health: up\n')
  })

  test('thirty idle seconds', async () => {
    const { port, clock } = await start()
    const client = await join(port)
    client.socket.write('health\n')
    await until(() => client.received !== '')
    clock.advance(29_999)
    client.socket.write('health\n')
    await until(() => client.received.length > 'health: up\n'.length)
    clock.advance(29_999)
    expect(client.isClosed).toBe(false)
    clock.advance(1)
    await until(() => client.isClosed)
  })

  test('a client that asks and does not read is let go', async () => {
    const { port } = await start()
    const client = await join(port)
    client.socket.pause()
    const questions = 'help\n'.repeat(100_000)
    for (let i = 0; i < 20 && !client.socket.destroyed; i++) client.socket.write(questions)
    client.socket.resume()
    await until(() => client.isClosed)
    const other = await join(port)
    other.socket.write('health\n')
    await until(() => other.received !== '')
  })
})

describe('addresses', () => {
  test('a port in use is an error that names the flag', async () => {
    const { port } = await start()
    const second = createAdminConsole({ hosts: ['127.0.0.1'], port, clock: new FakeClock(), log: silentLog })
    await expect(second.open()).rejects.toMatchObject({
      code: 'address-in-use',
      details: { transport: 'tcp', host: '127.0.0.1', port, name: 'admin', flag: '--admin-port' },
    })
    await second.close()
  })

  test('closing ends every connection; twice, or before opening, is fine', async () => {
    await createAdminConsole({
      hosts: ['127.0.0.1'],
      port: 0,
      clock: new FakeClock(),
      log: silentLog,
    }).close()
    const { admin, port } = await start()
    const client = await join(port)
    await admin.close()
    await admin.close()
    await until(() => client.isClosed)
  })
})
