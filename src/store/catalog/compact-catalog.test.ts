import { expect, test } from 'vitest'
import { catalogConformance } from '../catalog.conformance.ts'
import { identityOf } from '../engine.conformance.ts'
import { CompactCatalog } from './compact-catalog.ts'

catalogConformance('CompactCatalog', () => new CompactCatalog())

test('series that were not seen for long are forgotten', () => {
  const catalog = new CompactCatalog()
  catalog.touch(identityOf('old'), 1_000)
  catalog.touch(identityOf('kept'), 1_000)
  catalog.touch(identityOf('kept'), 2_000)
  expect(catalog.removeUnseenSince(2_000)).toBe(1)
  expect(catalog.findSeries('*', 10).map(({ identity }) => identity.key)).toEqual(['kept'])
})
