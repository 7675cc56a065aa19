import { expect, test } from 'vitest'
import { compileNamePattern, compileSubstitution } from './name-pattern.ts'

const call = {
  fail(reason: string): never {
    throw new Error(reason)
  },
}

test('a name does not grow without an end', () => {
  const double = compileSubstitution('.*', '\\g<0>\\g<0>', call)
  let name = 'x'.repeat(10_000)
  expect(() => {
    for (let times = 0; times < 30; times++) name = double(name)
  }).toThrow('longer than 16384 characters')
  expect(name.length).toBeLessThanOrEqual(16_384)
})

test('a name that is long already may become shorter', () => {
  expect(compileSubstitution('^a+', '', call)(`${'a'.repeat(50_000)}b`)).toBe('b')
  expect(compileSubstitution('^a', '', call)('a'.repeat(50_000)).length).toBe(49_999)
})

test.each([
  ['(', 'x', 'missing closing )'],
  ['(?=a)', 'x', 'cannot be used'],
  ['a', '\\1', 'the pattern has no group \\1'],
])('%s by %s is refused in words', (search, replace, words) => {
  expect(() => compileSubstitution(search, replace, call)).toThrow(words)
})

test('a bomb takes no longer than its text', () => {
  expect(compileNamePattern('^(a+)+$').test(`${'a'.repeat(100_000)}!`)).toBe(false)
})
