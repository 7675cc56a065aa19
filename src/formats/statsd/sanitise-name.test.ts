import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NAME_RULES, PROFILE_RULES } from './profile.ts'
import { NameReader } from './read-name.ts'
import { sanitiseName } from './sanitise-name.ts'

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
  expect(sanitiseName(text, 'ascii')).toBe(name)
})

test.each([
  ['a=b;c', 'a=bc', 'a=b_c'],
  ['été/🙂 x', 't-_x', 'été/🙂_x'],
  ['a\u0000\u202eb', 'ab', 'ab'],
  ['..a*{b}', 'ab', 'a*{b}'],
  ['$', '', '$'],
])('%j becomes %j by the rule of etsy, and %j where it is kept', (text, etsy, utf8) => {
  expect(sanitiseName(text, 'etsy')).toBe(etsy)
  expect(sanitiseName(text, 'utf8')).toBe(utf8)
})

const rule = fc.constantFrom(...NAME_RULES)

test('a name is read as it is exactly when the rule leaves it so', () => {
  const name = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom('a', 'Z', '0', '.', '_', '-', '/', ' ', '=', ';', 'é') }),
  )
  fc.assert(
    fc.property(name, rule, (text, names) => {
      const reader = new NameReader({ ...PROFILE_RULES.default, names, tagForms: [] })
      const bytes = Buffer.from(text)
      const sane = sanitiseName(text, names)
      expect(reader.read(bytes, 0, bytes.length, [])).toBe(sane)
      const isPlain = bytes.length === text.length
      if (reader.isSane(bytes, 0, bytes.length)) expect(sane).toBe(text)
      else if (isPlain) expect(text === '' || sane !== text).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('the rules leave their own results alone', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), rule, (text, names) => {
      const once = sanitiseName(text, names)
      return sanitiseName(once, names) === once
    }),
    { numRuns: 300 },
  )
})
