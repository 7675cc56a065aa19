import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ETSY_FLUSHES } from './vectors/flush-etsy.ts'
import { GOSTATSD_FLUSHES } from './vectors/flush-gostatsd.ts'

// Exceptions are read from the page that explains them: a list of reasons, each with the ids of its vectors below it.
const page = readFileSync(join(import.meta.dirname, '../docs/reference/compatibility-flush.md'), 'utf8')

describe.each([
  ['etsy', ETSY_FLUSHES],
  ['gostatsd', GOSTATSD_FLUSHES],
])('flushes are those of %s', (peer, cases) => {
  const section = page.split(/^### /m).find((text) => text.startsWith(`${peer}\n`)) ?? ''
  const exceptions = [...section.matchAll(/^ {2}- `(.+)`$/gm)].map((match) => match[1])

  test.each(cases)('$id', ({ id, check }) => {
    if (exceptions.includes(id)) expect(check, 'an exception that holds no more').toThrow()
    else check()
  })

  test('every exception is about a vector, and only one, and has a reason', () => {
    const known = new Set(cases.map(({ id }) => id))
    expect(exceptions.filter((id) => id === undefined || !known.has(id))).toEqual([])
    expect(new Set(exceptions).size).toBe(exceptions.length)
    expect(section).toMatch(/^\n?[^\n]*\n*(- [A-Z].*\.\n( {2}- `.+`\n)+)+$/m)
  })
})
