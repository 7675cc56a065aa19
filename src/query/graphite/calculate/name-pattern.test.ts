import { expect, test } from 'vitest'
import { compileNamePattern, compileSubstitution } from './name-pattern.ts'

const call = {
  fail(reason: string): never {
    throw new Error(reason)
  },
}

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
