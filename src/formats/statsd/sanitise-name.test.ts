import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSaneName, sanitiseName } from './sanitise-name.ts'

test.each([
  ['api.hits', 'api.hits'],
  ['with  two\tblanks', 'with_two_blanks'],
  ['fo/o', 'fo-o'],
  ['foo+bar', 'foobar'],
  ['a=b', 'ab'],
  ['__proto__', '__proto__'],
  ['\ufeffa', '_a'],
  ['a\u0000\u202eb🙂é', 'ab'],
  ['$$$', ''],
  ['', ''],
  [' ', '_'],
  ['.', ''],
  ['..', ''],
  ['.a', 'a'],
  ['a.', 'a'],
  ['a..b', 'a.b'],
  ['../../etc/passwd', '-.-etc-passwd'],
  ['a.$.b', 'a.b'],
])('%j becomes %j', (text, name) => {
  expect(sanitiseName(text)).toBe(name)
})

test('a name is sane exactly when the rule leaves it as it is', () => {
  const name = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom('a', 'Z', '0', '.', '_', '-', '/', ' ', 'é') }),
  )
  fc.assert(
    fc.property(name, (text) => {
      const bytes = Buffer.from(text)
      const isUnchanged = text !== '' && sanitiseName(text) === text
      return isSaneName(bytes, 0, bytes.length) === isUnchanged
    }),
    { numRuns: 500 },
  )
})

test('the rule leaves its own results alone', () => {
  fc.assert(
    fc.property(fc.string(), (text) => sanitiseName(sanitiseName(text)) === sanitiseName(text)),
    { numRuns: 300 },
  )
})
