import { expect, test } from 'vitest'
import { compileLinearRegex, MAX_REGEX_LENGTH } from './linear-regex.ts'

function compiled(pattern: string) {
  const regex = compileLinearRegex(pattern)
  if ('problem' in regex) throw new Error(regex.problem)
  return regex
}

test.each([
  ['cpu', 'servers.cpu.idle', true],
  ['^cpu', 'servers.cpu.idle', false],
  ['web[0-9]+\\Z', 'web12', true],
  ['web\\\\Z', 'web\\Z', true],
  ['(?i)WEB', 'web', true],
  ['^caf\\u00e9$', 'café', true],
  ['^[\\u00e0-\\u00ff]\\U0001F600$', 'é😀', true],
  ['^\\\\u00e9$', '\\u00e9', true],
  ['^a{,2}$', 'aa', true],
  ['^a{,2}$', 'aaa', false],
  ['^[{,2}]+$', '{,2}', true],
  ['^[]{,2}]+$', ']2', true],
  ['^a\\{,2}$', 'a{,2}', true],
])('%s in %s: %s', (pattern, text, matches) => {
  expect(compiled(pattern).test(text)).toBe(matches)
})

test('groups are given by number', () => {
  expect(compiled('(?P<host>web\\d+)\\.(x)?').exec('a.web7.cpu')).toEqual(['web7.', 'web7', undefined])
  expect(compiled('x').exec('y')).toBeNull()
})

test('a bomb takes no longer than its text', () => {
  expect(compiled('^(a+)+$').test(`${'a'.repeat(100_000)}b`)).toBe(false)
})

test.each([
  ['(?=a)', '(?='],
  ['(a)\\1', '\\1'],
  ['(', 'missing closing )'],
  ['a{5000}', 'repeat count'],
  ['(((a{100}){100}){100})', ''],
  ['a'.repeat(MAX_REGEX_LENGTH + 1), 'longer than'],
])('%.30s is refused in words', (pattern, words) => {
  expect(compileLinearRegex(pattern)).toEqual({ problem: expect.stringContaining(words) as string })
})
