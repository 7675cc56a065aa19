import { describe, expect, test } from 'vitest'
import { requireOwnOrigin, requireScope } from './scopes.ts'

const isRefused = (check: () => void): boolean => {
  try {
    check()
    return false
  } catch {
    return true
  }
}

describe('who may do what', () => {
  const here = ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1']
  const elsewhere = ['192.168.1.5', '::ffff:192.168.1.5', 'fd00::1', '0.0.0.0', undefined]

  test.each(here)('%s, which is this machine, may do everything', (address) => {
    for (const scope of ['read', 'write', 'admin'] as const) requireScope(scope, address, {})
    expect(isRefused(() => requireScope('admin', address, {}))).toBe(false)
  })

  test.each(elsewhere)('%s, which is another, may read and write', (address) => {
    expect(isRefused(() => requireScope('read', address, {}))).toBe(false)
    expect(isRefused(() => requireScope('write', address, {}))).toBe(false)
    expect(isRefused(() => requireScope('admin', address, {}))).toBe(true)
  })

  test.each(['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'])(
    'a proxy on this machine that sends %s speaks for another',
    (header) => {
      expect(isRefused(() => requireScope('admin', '127.0.0.1', { [header]: '127.0.0.1' }))).toBe(true)
      expect(isRefused(() => requireScope('read', '127.0.0.1', { [header]: '10.0.0.1' }))).toBe(false)
    },
  )
})

describe('whose pages may change something', () => {
  const host = 'localhost:8080'
  const cases: [what: string, headers: Record<string, string>, isRefused: boolean][] = [
    ['a program', {}, false],
    ['our page', { origin: 'http://localhost:8080', 'sec-fetch-site': 'same-origin' }, false],
    ['our page behind TLS', { origin: 'https://localhost:8080' }, false],
    ['our page, spelled large', { origin: 'HTTP://LOCALHOST:8080' }, false],
    ['an address typed in', { 'sec-fetch-site': 'none' }, false],
    ['another port of this machine', { origin: 'http://localhost:3000' }, true],
    ['the same, by its site alone', { 'sec-fetch-site': 'same-site' }, true],
    ['another site', { origin: 'http://evil.example' }, true],
    ['another site, by its site alone', { 'sec-fetch-site': 'cross-site' }, true],
    ['a sandbox', { origin: 'null' }, true],
    ['a file', { origin: 'file://' }, true],
    ['a name that begins like ours', { origin: 'http://localhost:8080.evil.example' }, true],
    ['a user that is called like us', { origin: 'http://localhost:8080@evil.example' }, true],
    ['two origins', { origin: 'http://localhost:8080, http://evil.example' }, true],
    ['nothing', { origin: '' }, true],
  ]
  test.each(cases)('%s', (_what, headers, wanted) => {
    expect(isRefused(() => requireOwnOrigin({ host, ...headers }))).toBe(wanted)
  })
})
