import { expect, test } from 'vitest'
import { fillVariables } from './board-variables.ts'

const VALUES = new Map([
  ['host', 'web1'],
  ['ho', '{a,b}'],
])

test.each([
  ['servers.$host.cpu', 'servers.web1.cpu'],
  ['servers.${ho}st.cpu', 'servers.{a,b}st.cpu'],
  ['$other.$constructor', '$other.$constructor'],
  ['a.$', 'a.$'],
])('%s is %s', (target, filled) => {
  expect(fillVariables(target, VALUES)).toBe(filled)
})

test('a value is never a pattern of a replacement, nor filled again', () => {
  expect(fillVariables('a.$x', new Map([['x', '$&$x']]))).toBe('a.$&$x')
})
