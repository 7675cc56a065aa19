import { expect, test } from 'vitest'
import { SharedVersion } from '../lib/shared-version.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import { untypedIdentity } from '../model/untyped-identity.ts'
import { Remembered } from './remembered.ts'

const remember = (version: SharedVersion) =>
  new Remembered<readonly SeriesIdentity[]>({ version, most: 262_144, sizeOf: ({ length }) => length })

function setUp() {
  const version = new SharedVersion()
  const remembered = remember(new SharedVersion(version.buffer))
  const searches: string[] = []
  const find = (question: string, length = 1, during = (): void => {}): Promise<readonly SeriesIdentity[]> =>
    remembered.find(question, async () => {
      searches.push(question)
      during()
      return Array.from({ length }, (_, index) => untypedIdentity(`${question}.${index}`))
    })
  return { version, find, searches }
}

test('the same question is searched for once', async () => {
  const { find, searches } = setUp()
  const first = await find('a')
  expect(await find('a')).toBe(first)
  await find('b')
  expect(searches).toEqual(['a', 'b'])
})

test('a change of the catalog, in whatever thread, makes it be searched for again', async () => {
  const { version, find, searches } = setUp()
  await find('a')
  version.raise()
  await find('a')
  await find('a')
  expect(searches).toEqual(['a', 'a'])
})

test('what changes during a search may be missing, so it is searched for again', async () => {
  const { version, find, searches } = setUp()
  await find('a', 1, () => version.raise())
  await find('a')
  expect(searches).toEqual(['a', 'a'])
})

test('what was not asked for longest goes when there are too many', async () => {
  const { find, searches } = setUp()
  await find('a', 100_000)
  await find('b', 100_000)
  await find('a', 100_000)
  await find('c', 100_000)
  await find('a', 100_000)
  await find('b', 100_000)
  expect(searches).toEqual(['a', 'b', 'c', 'b'])
})

test('one question that is larger than all that is remembered is answered, and makes nothing else be forgotten', async () => {
  const { find, searches } = setUp()
  await find('b')
  expect(await find('a', 300_000)).toHaveLength(300_000)
  await find('a', 300_000)
  await find('b')
  expect(searches).toEqual(['b', 'a', 'a'])
})

test('a search that fails is not remembered', async () => {
  const remembered = remember(new SharedVersion())
  await expect(remembered.find('a', async () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await remembered.find('a', async () => [])).toEqual([])
})
