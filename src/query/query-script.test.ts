import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { FakeStoreAccess } from './testdata/fake-store-access.ts'
import { runQueryScript } from './testdata/query-script.ts'

const folder = new URL('.', import.meta.url)
const scripts = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.script'))
  .sort()

describe.each(scripts)('%s', async (name) => {
  const script = readFileSync(new URL(name, folder), 'utf8')
  const checks = await runQueryScript(script, (series) => new FakeStoreAccess(series))

  test.each(checks)('line $lineNumber: $expression', ({ wanted, got }) => {
    expect(got).toEqual(wanted)
  })
})

test('a script that is none says at which line', async () => {
  await expect(runQueryScript('\neval a', (series) => new FakeStoreAccess(series))).rejects.toThrow(
    /^line 2: /,
  )
})
