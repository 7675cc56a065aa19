import { expect, test } from 'vitest'
import { bindError } from './bind-error.ts'

const target = { transport: 'tcp', host: '127.0.0.1', port: 80, name: 'http', flag: '--http-port' } as const

test.each([
  ['EADDRINUSE', 'address-in-use'],
  ['EACCES', 'address-denied'],
  ['EPERM', 'address-denied'],
  ['EADDRNOTAVAIL', 'address-unavailable'],
  ['ENOTFOUND', 'address-unavailable'],
])('%s is the error %s, which names the address', (systemCode, code) => {
  const error = bindError(Object.assign(new Error('the system says no'), { code: systemCode }), target)
  expect(error.code).toBe(code)
  expect(error.message).toContain('tcp 127.0.0.1:80 for http')
  expect(error.message).not.toContain('{')
  expect(error.help).not.toContain('{')
  expect(error.exitCode).toBe(4)
})

test('an IPv6 address is in brackets', () => {
  expect(bindError(new Error('no'), { ...target, host: '::1' }).message).toContain('tcp [::1]:80 for http')
})
