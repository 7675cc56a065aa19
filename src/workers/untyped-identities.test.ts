import { expect, test } from 'vitest'
import { UntypedIdentities } from './untyped-identities.ts'

test('a key has one identity, whatever it is called', () => {
  const identities = new UntypedIdentities()
  for (const key of ['a.b', '__proto__', 'constructor']) {
    expect(identities.get(key)).toBe(identities.get(key))
    expect(identities.get(key).key).toBe(key)
  }
})

test('keys without end are not all remembered', () => {
  const identities = new UntypedIdentities()
  const first = identities.get('k0')
  for (let i = 1; i < 100_000; i++) identities.get(`k${i}`)
  expect(identities.get('k0')).toBe(first)
  identities.get('one too many')
  expect(identities.get('k0')).not.toBe(first)
})
