import { describe, expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { silentLog } from '../telemetry/log.ts'
import { createAdminConsole } from './admin-console.ts'
import { join, start, until } from './testdata/console.ts'
import { createFakeServices, noMetrics } from './testdata/fake-services.ts'

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

const HELP =
  'Commands: stats, counters, timers, gauges, delcounters, deltimers, delgauges, health, config, quit\n\n'

describe('commands', () => {
  const cases: [sent: string, answer: string][] = [
    ['health\n', 'health: up\n'],
    ['health\r\n', 'health: up\n'],
    ['  health  \n', 'health: up\n'],
    ['health down\n', 'health: down\n'],
    ['health DOWN\nhealth\n', 'health: down\nhealth: down\n'],
    ['health down\nhealth up\n', 'health: down\nhealth: up\n'],
    ['health sideways\n', 'health: up\n'],
    ['help\n', HELP],
    ['\n\r\n   \nhealth\n', 'health: up\n'],
    ['delcounters a\n', 'ERROR: delcounters is not allowed here; admin.writable allows it\n'],
    ['sets\n', 'ERROR\n'],
    ['Health\n', 'ERROR\n'],
    ['__proto__\n', 'ERROR\n'],
    ['constructor\n', 'ERROR\n'],
    ['\u0000\u00ff\u001b[2J\n', 'ERROR\n'],
    [`${'x'.repeat(4096)}\nhealth\n`, 'ERROR\nhealth: up\n'],
    [`health\n${'x'.repeat(4097)}\nhealth\n`, 'health: up\nERROR\n'],
    ['health\nbogus\nhelp\nhealth\n', `health: up\nERROR\n${HELP}health: up\n`],
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
      clock.advance(200)
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

  test.each([4097, 1_000_000])('and is of %i bytes ends the connection', async (bytes) => {
    const { port } = await start()
    const client = await join(port)
    client.socket.write(`health\n${'x'.repeat(bytes)}`)
    await until(() => client.isClosed)
    expect(client.received).toBe('health: up\nERROR\n')
  })

  test('and goes on after a while is two commands', async () => {
    const { port, clock } = await start()
    const client = await join(port)
    client.socket.write('health down')
    await until(() => {
      clock.advance(200)
      return client.received !== ''
    })
    client.socket.write(' up\n')
    await until(() => client.received.length > 'health: down\n'.length)
    expect(client.received).toBe('health: down\nERROR\n')
  })
})

describe('bounds', () => {
  test('sixteen clients, over both families together', async () => {
    const { port, addresses } = await start({ hosts: ['127.0.0.1', '::1'] })
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

  test('ten seconds for reading an answer', async () => {
    const { port, clock } = await start()
    const client = await join(port)
    client.socket.pause()
    // What a client has sent and nobody reads tells it that the connection is gone.
    for (let i = 0; i < 20; i++) client.socket.write('help\n'.repeat(100_000))
    await until(() => {
      clock.advance(1_000)
      return client.isClosed
    })
    const other = await join(port)
    other.socket.write('health\n')
    await until(() => other.received !== '')
  })

  test('what a client sends is read no faster than it is answered', async () => {
    let asked = 0
    const endless = new Promise<never>(() => {})
    const services = createFakeServices(noMetrics(), {
      openMetrics: () => {
        asked += 1
        return endless
      },
    })
    const { port } = await start({ services })
    const client = await join(port)
    for (let i = 0; i < 40; i++) client.socket.write('gauges\n'.repeat(100_000))
    // The kernel takes a part of it. Then nothing moves.
    let unsent = 0
    let unmovedLooks = 0
    await until(() => {
      unmovedLooks = client.socket.writableLength === unsent ? unmovedLooks + 1 : 0
      unsent = client.socket.writableLength
      return unmovedLooks === 10
    })
    expect(unsent).toBeGreaterThan(0)
    expect([asked, client.received]).toEqual([1, ''])
    const other = await join(port)
    other.socket.write('health\n')
    await until(() => other.received !== '')
  })
})

describe('addresses', () => {
  test('a port in use is an error that names the flag', async () => {
    const { port } = await start()
    const second = createAdminConsole({
      hosts: ['127.0.0.1'],
      port,
      services: createFakeServices(noMetrics()),
      clock: new FakeClock(),
      log: silentLog,
    })
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
      services: createFakeServices(noMetrics()),
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
