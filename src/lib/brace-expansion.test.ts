import { expect, test } from 'vitest'
import { expandBraces, MAX_ALTERNATIVES } from './brace-expansion.ts'

test.each([
  ['', ['']],
  ['plain', ['plain']],
  ['a{b,c}d', ['abd', 'acd']],
  ['{a,b}{1,2}', ['a1', 'a2', 'b1', 'b2']],
  ['a{b,c{d,e}}', ['ab', 'acd', 'ace']],
  ['{{a,b},c}', ['a', 'b', 'c']],
  ['{a}', ['a']],
  ['{}', ['']],
  ['{,a}', ['', 'a']],
  ['{a,a,{a}}', ['a']],
  ['{a,b', ['{a,b']],
  ['a}b,c', ['a}b,c']],
  ['{{a,b}', ['{a', '{b']],
  ['{a,b}}', ['a}', 'b}']],
  ['}{a,b}{', ['}a{', '}b{']],
  ['[{a],b}]', ['[a]]', '[b]']],
])('%s stands for %j', (pattern, texts) => {
  expect(expandBraces(pattern)).toEqual({ isExpanded: true, texts })
})

test.each([
  ['too many alternatives', '{a,b}'.repeat(20)],
  ['one alternative too many', `{${','.repeat(MAX_ALTERNATIVES)}}`],
  ['so many that the count is infinite', '{a,b}'.repeat(12_000)],
  ['too many characters', `${'x'.repeat(1_000)}{${','.repeat(1_000)}}`],
  ['too deep', '{'.repeat(101) + '}'.repeat(101)],
])('%s is refused before anything is built', (_, pattern) => {
  expect(expandBraces(pattern).isExpanded).toBe(false)
})

test('as many alternatives as are allowed are given', () => {
  const names = Array.from({ length: MAX_ALTERNATIVES }, (_, index) => `${index}`)
  expect(expandBraces(`{${names.join(',')}}`)).toEqual({ isExpanded: true, texts: names })
})
