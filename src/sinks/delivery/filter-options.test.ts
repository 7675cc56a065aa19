import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { filterOptions } from './filter-options.ts'

const options = z.strictObject(filterOptions())

describe('filters of a sink that are wrong', () => {
  test.each([
    [{ include: [''] }, 'include.0', /.*/],
    [{ include: ['a.{b,c'.repeat(200)] }, 'include.0', /.*/],
    [{ exclude: ['a;b'] }, 'exclude.0', /has "b" where a tag/],
    [{ exclude: ['a;=b'] }, 'exclude.0', /has "=b" where a tag/],
    [{ rename: [{ match: 'a.*', replace: '$2' }] }, 'rename.0.replace', /^\$1 at most$/],
    [{ rename: [{ match: 'a', replace: '$1' }] }, 'rename.0.replace', /no wildcard/],
    [{ rename: [{ match: '{a*,b}', replace: '$1' }] }, 'rename.0.match', /told apart/],
    [{ rename: [{ match: 'a', replace: 'b c' }] }, 'rename.0.replace', /without white space/],
    [{ tags: { 'a=b': 'c' } }, 'tags.a=b', /a key that/],
    [{ tags: { a: '' } }, 'tags.a', /a value that/],
    [{ tags: { a: 1 } }, 'tags.a', /put it in quotes/],
    [{ tags: {} }, 'tags', /1 to 100 tags/],
    [{ flush_every: 0 }, 'flush_every', /.*/],
  ])('%j', (value, path, message) => {
    const { error } = options.safeParse(value)
    expect(error?.issues.map((issue) => issue.path.join('.'))).toEqual([path])
    expect(error?.issues[0]?.message).toMatch(message)
  })

  test('are none by default', () => {
    expect(options.parse({})).toEqual({ flush_every: 1 })
  })

  test('keep tags of any name', () => {
    const tags = JSON.parse('{"__proto__": "x", "b": "y"}') as object
    expect(options.parse({ tags }).tags).toEqual([
      ['__proto__', 'x'],
      ['b', 'y'],
    ])
  })
})
