import { expect, test } from 'vitest'
import { untypedIdentity } from '../model/untyped-identity.ts'
import { collectSeries } from './all-series.ts'
import { openMemoryStore } from './index.ts'

function catalogOf(count: number) {
  const { catalog } = openMemoryStore()
  for (let index = 0; index < count; index++) catalog.touch(untypedIdentity(`a.s${index}`), 1_000)
  return catalog
}

test('all are there, of several pages', async () => {
  const { answers } = catalogOf(20_000)
  const found = await collectSeries((cursor, limit) => answers.page(cursor, limit), 20_000)
  expect(new Set(found.map(({ identity }) => identity.key)).size).toBe(20_000)
})

test('more than the limit are none, and not the first of them', async () => {
  const { answers } = catalogOf(11)
  const found = collectSeries((cursor, limit) => answers.page(cursor, limit), 10)
  await expect(found).rejects.toMatchObject({ code: 'too-many-results', details: { limit: 10 } })
})
