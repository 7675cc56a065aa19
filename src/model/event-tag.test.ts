import { expect, test } from 'vitest'
import { formatEventTag, parseEventTag } from './event-tag.ts'

test.each([
  ['deploy', ['deploy', '']],
  ['env:prod', ['env', 'prod']],
  ['url:http://a:8080', ['url', 'http://a:8080']],
  [':odd', ['', 'odd']],
  ['a=b;c', ['a=b;c', '']],
  ['__proto__:x', ['__proto__', 'x']],
] as const)('%j is the tag %j, and back', (text, tag) => {
  expect(parseEventTag(text)).toEqual(tag)
  expect(formatEventTag(tag)).toBe(text)
})

test('a colon with nothing behind it is left out', () => {
  expect(formatEventTag(parseEventTag('deploy:'))).toBe('deploy')
})
