import { describe, expect, test } from 'vitest'
import { createHostRules } from './host-rules.ts'

const machineName = 'web1'

describe('listening on loopback', () => {
  const rules = createHostRules({
    hosts: ['127.0.0.1', '::1'],
    allowedHosts: ['Kymo.Example', 'tunnel:9000', '[fd00::1]:8080'],
    machineName,
  })
  const allowed = [
    'localhost:8080',
    'LOCALHOST:8080',
    '127.0.0.1:8080',
    '127.0.0.53:8080',
    '[::1]:8080',
    'kymo.example',
    'kymo.example:443',
    'tunnel:9000',
    '[fd00::1]:8080',
  ]
  const refused = [
    'localhost', // port 80
    'localhost:8081',
    'evil.example:8080',
    'localhost.evil.example:8080',
    'evil.example',
    'tunnel:9001',
    'web1:8080',
    '192.168.1.5:8080',
    '0.0.0.0:8080',
    '2130706433:8080',
    '127.1:8080',
    '127.0.0.1.evil.example:8080',
    '[::2]:8080',
    '::1:8080',
    '',
    ':8080',
    'localhost:',
    'localhost:8080:8080',
    'localhost:99999999',
    'user@localhost:8080',
    'localhost:8080/',
    'localhost:8080, evil.example',
    'localhost\u0000:8080',
    '__proto__:8080',
  ]
  test.each(allowed)('%j is this server', (host) => expect(rules.isAllowed(host, 8080)).toBe(true))
  test.each(refused)('%j is not', (host) => expect(rules.isAllowed(host, 8080)).toBe(false))

  test('no port means 80', () => {
    expect(rules.isAllowed('localhost', 80)).toBe(true)
  })
})

describe('open to other machines', () => {
  const rules = createHostRules({ hosts: ['0.0.0.0'], allowedHosts: ['kymo'], machineName: 'Web1' })
  test.each(['192.168.1.5:8080', '[fd00::7]:9090', '10.0.0.1', 'localhost:9090', 'web1:8080', 'kymo:8080'])(
    '%j is this server',
    (host) => expect(rules.isAllowed(host, 8080)).toBe(true),
  )
  test.each(['evil.example:8080', 'web1.evil.example', 'kymo.evil.example', '999.1.1.1', ''])(
    '%j is not',
    (host) => expect(rules.isAllowed(host, 8080)).toBe(false),
  )
})
