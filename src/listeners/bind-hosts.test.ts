import { describe, expect, test } from 'vitest'
import { KymoError } from '../telemetry/errors.ts'
import { bindHosts } from './bind-hosts.ts'
import { createIntakeFixture } from './testdata/intake-fixture.ts'

function systemError(code: string): Error {
  return Object.assign(new Error(`bind ${code}`), { code })
}

/** Binds whatever `failures` does not forbid; each entry `host:port` fails with its code. */
function createBinder(failures: Readonly<Record<string, string>>) {
  const held = new Set<string>()
  let nextFreePort = 40_000
  return {
    held,
    binder: {
      transport: 'udp' as const,
      async bind(host: string, port: number) {
        const chosen = port === 0 ? nextFreePort++ : port
        const code = failures[`${host}:${chosen}`] ?? failures[host]
        if (code !== undefined) throw systemError(code)
        const socket = `${host}:${chosen}`
        held.add(socket)
        return { socket, host, port: chosen }
      },
      async release(socket: string) {
        held.delete(socket)
      },
    },
  }
}

async function bind(hosts: readonly string[], port: number, failures: Readonly<Record<string, string>>) {
  const { held, binder } = createBinder(failures)
  const { options } = createIntakeFixture({ hosts, port })
  const outcome = await bindHosts(options, binder).catch((error: unknown) => error)
  return { outcome, held: [...held] }
}

test('all hosts get one port, the one that the first was given', async () => {
  const { held } = await bind(['127.0.0.1', '::1', '192.0.2.1'], 0, {})
  expect(held).toEqual(['127.0.0.1:40000', '::1:40000', '192.0.2.1:40000'])
})

test('when a free port turns out to be taken on another host, the next one is tried', async () => {
  const { held } = await bind(['127.0.0.1', '::1'], 0, {
    '::1:40000': 'EADDRINUSE',
    '::1:40001': 'EADDRINUSE',
  })
  expect(held).toEqual(['127.0.0.1:40002', '::1:40002'])
})

test('in the end it gives up, and holds nothing', async () => {
  const { outcome, held } = await bind(['127.0.0.1', '::1'], 0, { '::1': 'EADDRINUSE' })
  expect(outcome).toMatchObject({ code: 'address-in-use' })
  expect(held).toEqual([])
})

test('a port that was asked for is not replaced by another', async () => {
  const { outcome, held } = await bind(['127.0.0.1', '::1'], 8_125, { '::1:8125': 'EADDRINUSE' })
  expect(outcome).toMatchObject({ code: 'address-in-use', details: { host: '[::1]', port: 8_125 } })
  expect(held).toEqual([])
})

test.each([
  ['EADDRNOTAVAIL', '::1'],
  ['EAFNOSUPPORT', '::1'],
  ['EADDRNOTAVAIL', '127.0.0.1'],
])('%s on %s leaves that loopback address out', async (code, missing) => {
  const { held } = await bind(['127.0.0.1', '::1'], 8_125, { [missing]: code })
  expect(held).toEqual([`${missing === '::1' ? '127.0.0.1' : '::1'}:8125`])
})

test('with no loopback address at all there is nothing to listen on', async () => {
  const { outcome } = await bind(['127.0.0.1', '::1'], 0, {
    '::1': 'EAFNOSUPPORT',
    '127.0.0.1': 'EADDRNOTAVAIL',
  })
  expect(outcome).toMatchObject({ code: 'address-unavailable' })
})

describe('errors', () => {
  test.each([
    ['EADDRINUSE', 'address-in-use'],
    ['EACCES', 'address-denied'],
    ['EPERM', 'address-denied'],
    ['EADDRNOTAVAIL', 'address-unavailable'],
    ['EAFNOSUPPORT', 'address-unavailable'],
    ['ENOTFOUND', 'address-unavailable'],
  ])('%s becomes %s', async (system, code) => {
    const { outcome } = await bind(['192.0.2.1'], 8_125, { '192.0.2.1': system })
    expect(outcome).toBeInstanceOf(KymoError)
    expect(outcome).toMatchObject({
      code,
      exitCode: 4,
      details: { transport: 'udp', host: '192.0.2.1', port: 8_125, name: 'test-in', flag: '--test-port' },
    })
    const { message, help } = outcome as KymoError
    expect(`${message} ${help}`).not.toMatch(/[{}]/)
  })
})
