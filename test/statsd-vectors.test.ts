import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DATADOG_CASES } from './vectors/datadog.ts'
import { ETSY_CASES } from './vectors/etsy.ts'
import { EXCEPTIONS, type Exception } from './vectors/exceptions.ts'
import { GOSTATSD_CASES } from './vectors/gostatsd.ts'
import { EXPORTER_CASES } from './vectors/statsd-exporter.ts'

describe.each([
  ['etsy', ETSY_CASES],
  ['gostatsd', GOSTATSD_CASES],
  ['datadog-agent', DATADOG_CASES],
  ['statsd-exporter', EXPORTER_CASES],
])('lines are taken as %s takes them', (peer, cases) => {
  const exceptions = new Map(
    (EXCEPTIONS[peer] ?? []).flatMap(({ because, ids }) => ids.map((id): [string, string] => [id, because])),
  )

  test.each(cases)('$id', ({ id, check }) => {
    if (exceptions.has(id)) expect(check, 'an exception that holds no more').toThrow()
    else check()
  })

  test('every exception is about a vector, and only one', () => {
    const ids = (EXCEPTIONS[peer] ?? []).flatMap((group) => group.ids)
    const known = new Set(cases.map(({ id }) => id))
    expect(ids.filter((id) => !known.has(id))).toEqual([])
    expect(exceptions.size).toBe(ids.length)
  })
})

test.each(Object.entries(EXCEPTIONS))(
  'the page on compatibility shows the exceptions of %s',
  (peer, groups) => {
    const page = readFileSync(join(import.meta.dirname, '../docs/reference/compatibility.md'), 'utf8')
    const section = page.split(`\n### ${peer}\n`)[1]?.split('\n#')[0]
    expect(section?.trim()).toBe(groups.map(listed).join('\n'))
  },
)

/** `- Because.` and then the ids, one a line. */
function listed({ because, ids }: Exception): string {
  return [`- ${because}`, ...ids.map((id) => `  - \`${id}\``)].join('\n')
}
