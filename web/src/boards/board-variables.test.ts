import { expect, test } from 'vitest'
import { fillVariables, valuesOf } from './board-variables.ts'

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

test('the address goes before the file, for variables that there are', () => {
  const variable = { name: 'host', query: 'a.*', choices: [], value: '*' }
  const board = {
    version: 1 as const,
    title: 'a',
    description: '',
    from: '',
    until: '',
    variables: [variable],
    panels: [],
  }
  expect([...valuesOf(board, [])]).toEqual([['host', '*']])
  expect([...valuesOf(board, ['host=a=b', 'other=c', '__proto__=d'])]).toEqual([['host', 'a=b']])
})

test('a value is never a pattern of a replacement, nor filled again', () => {
  expect(fillVariables('a.$x', new Map([['x', '$&$x']]))).toBe('a.$&$x')
})
