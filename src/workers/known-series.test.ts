import { expect, test } from 'vitest'
import type { CatalogEntry } from '../store/catalog.ts'
import { KnownSeries } from './known-series.ts'

function scene() {
  const asked: string[] = []
  let changes = 0
  let inBetween: () => void = () => {}
  const entry = (key: string) => ({ identity: { key } }) as CatalogEntry
  const known = new KnownSeries(() => changes)
  const finds = known.over({
    async findSeries(pattern, limit) {
      asked.push(`${pattern} ${limit}`)
      inBetween()
      return Array.from({ length: limit }, (_, index) => entry(`${pattern}${index}`))
    },
    async findSeriesByTags(expressions) {
      asked.push(expressions.join())
      return [entry('tagged')]
    },
  })
  return {
    asked,
    finds,
    change: () => {
      changes += 1
    },
    meanwhile: (action: () => void) => {
      inBetween = action
    },
  }
}

test('what was found is known until the catalog changes', async () => {
  const { finds, asked, change } = scene()
  const first = await finds.findSeries('a', 2)
  expect(await finds.findSeries('a', 2)).toEqual(first)
  await finds.findSeriesByTags(['b=c'], 5)
  await finds.findSeriesByTags(['b=c'], 5)
  expect(asked).toEqual(['a 2', 'b=c'])
  change()
  await finds.findSeries('a', 2)
  expect(asked).toEqual(['a 2', 'b=c', 'a 2'])
})

test('with another limit it is asked for anew', async () => {
  const { finds, asked } = scene()
  await finds.findSeries('a', 2)
  await finds.findSeries('a', 3)
  expect(asked).toEqual(['a 2', 'a 3'])
})

test('what changes while it is asked for is not known', async () => {
  const { finds, asked, change, meanwhile } = scene()
  meanwhile(change)
  await finds.findSeries('a', 2)
  await finds.findSeries('a', 2)
  expect(asked.length).toBe(2)
})

test('what an answer is made into stays with whoever asked', async () => {
  const { finds } = scene()
  for (let turn = 0; turn < 3; turn++) {
    const found = await finds.findSeries('a', 2)
    expect(found.length).toBe(2)
    found.length = 0
  }
})

test('of too many the ones go that were not used for longest', async () => {
  const { finds, asked } = scene()
  for (const pattern of ['a', 'b', 'c', 'd']) await finds.findSeries(pattern, 12_000)
  await finds.findSeries('a', 12_000)
  await finds.findSeries('e', 12_000)
  asked.length = 0
  await finds.findSeries('a', 12_000)
  await finds.findSeries('b', 12_000)
  expect(asked).toEqual(['b 12000'])
})
