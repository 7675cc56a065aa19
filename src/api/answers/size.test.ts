import { expect, test } from 'vitest'
import type { StoreAccess } from '../../store/access.ts'
import type { CatalogChild } from '../../store/catalog.ts'
import { answerSize } from './size.ts'

const SEEN = { firstSeenMs: 1, lastSeenMs: 2 }
const CHILDREN: readonly CatalogChild[] = [
  { path: 'a', isLeaf: false, isBranch: true, series: 3, ...SEEN },
  { path: 'b', isLeaf: true, isBranch: false, series: 1, ...SEEN },
  { path: 'c', isLeaf: true, isBranch: false, series: 1, ...SEEN },
]
const ACCESS = {
  children: async () => ({ children: CHILDREN, others: { series: 5, ...SEEN } }),
} as unknown as StoreAccess
const SIZE_READER = {
  sizes: async () => ({
    ofChildren: [
      { points: 10, slots: 1, bytes: 30 },
      { points: 20, slots: 1, bytes: 20 },
      { points: 20, slots: 0, bytes: 40 },
    ],
    others: { points: 7, slots: 1, bytes: 7 },
  }),
}

test.each([
  ['bytes' as const, ['c', 'a', 'b']],
  ['points' as const, ['b', 'c', 'a']],
  ['series' as const, ['a', 'c', 'b']],
])('by %s the largest come first', async (order, paths) => {
  const question = { prefix: '', limit: 10, order }
  const report = await answerSize(
    question,
    { access: ACCESS, sizeReader: SIZE_READER },
    new AbortController().signal,
  )
  expect(report.children.map(({ path }) => path)).toEqual(paths)
  expect(report).toMatchObject({ series: 10, points: 57, slots: 3, bytes: 97 })
  expect(report.others).toEqual({ series: 5, points: 7, slots: 1, bytes: 7 })
})

test('what is past the limit is added up', async () => {
  const question = { prefix: '', limit: 1, order: 'bytes' as const }
  const { children, others, ...all } = await answerSize(
    question,
    { access: ACCESS, sizeReader: SIZE_READER },
    new AbortController().signal,
  )
  expect(children).toEqual([
    { ...CHILDREN[2], points: 20, slots: 0, bytes: 40, lastQueriedMs: null, lastQueriedFor: null },
  ])
  expect(others).toEqual({ series: 9, points: 37, slots: 3, bytes: 57 })
  expect(all).toEqual({ series: 10, points: 57, slots: 3, bytes: 97 })
})
