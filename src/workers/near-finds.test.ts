import { expect, test, vi } from 'vitest'
import type { QueryAnswer, QueryRequest } from '../api/services.ts'
import { systemClock } from '../lib/clock.ts'
import { CompactCatalog } from '../store/catalog/compact-catalog.ts'
import { identityOf } from '../store/engine.conformance.ts'
import { NearFinds } from './near-finds.ts'

function setUp(keys: readonly string[] = ['shop.api.hits', 'shop.api.time', 'shop.up']) {
  const catalog = new CompactCatalog()
  for (const key of keys) catalog.touch(identityOf(key), 60_000)
  const onAnswer = vi.fn()
  const keeper = { call: vi.fn(async () => catalog.sharedNames ?? null) }
  const finds = new NearFinds({ clock: systemClock, onAnswer })
  return { catalog, keeper, finds, onAnswer }
}

function find(parameters: Readonly<Record<string, string>>): QueryRequest {
  return {
    kind: 'find',
    parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]])),
  }
}

function textOf(answer: QueryAnswer | undefined): unknown {
  return answer && JSON.parse(Buffer.from(answer.body).toString())
}

const turn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('the first question asks for the names, and those behind it have them', async () => {
  const { keeper, finds, onAnswer } = setUp()
  expect(finds.answerNow(keeper, find({ query: 'shop.*' }))).toBeUndefined()
  await turn()
  expect(textOf(finds.answerNow(keeper, find({ query: 'shop.*' })))).toMatchObject([
    { text: 'api', id: 'shop.api', leaf: 0 },
    { text: 'up', id: 'shop.up', leaf: 1 },
  ])
  expect(textOf(finds.answerNow(keeper, find({ query: 'shop.api.*', format: 'json' })))).toEqual([
    { path: 'shop.api.hits', is_leaf: true, intervals: [{ start: 60, end: 60 }] },
    { path: 'shop.api.time', is_leaf: true, intervals: [{ start: 60, end: 60 }] },
  ])
  expect(onAnswer).toHaveBeenCalledTimes(2)
  expect(keeper.call).toHaveBeenCalledTimes(1)
})

test('a question that is wrong is told so', async () => {
  const { keeper, finds } = setUp()
  finds.answerNow(keeper, find({ query: '*' }))
  await turn()
  expect(() => finds.answerNow(keeper, find({}))).toThrow("Missing required parameter 'query'")
  expect(() => finds.answerNow(keeper, find({ query: '*', format: 'odd' }))).toThrow('odd')
})

test('many names, and what is no find, are for others to answer', async () => {
  const { keeper, finds, onAnswer } = setUp(Array.from({ length: 3_000 }, (_, index) => `a.b${index}`))
  finds.answerNow(keeper, find({ query: '*' }))
  await turn()
  expect(finds.answerNow(keeper, find({ query: 'a.*' }))).toBeUndefined()
  expect(finds.answerNow(keeper, { ...find({ query: '*' }), kind: 'expand' })).toBeUndefined()
  expect(onAnswer).not.toHaveBeenCalled()
})

test('names are asked for again when they are kept elsewhere, and of a new keeper', async () => {
  const { catalog, keeper, finds } = setUp()
  finds.answerNow(keeper, find({ query: '*' }))
  await turn()
  // More than there was room for.
  for (let index = 0; index < 1_000; index++) catalog.touch(identityOf(`more.n${index}`), 60_000)
  expect(finds.answerNow(keeper, find({ query: 'more.n7' }))).toBeUndefined()
  await turn()
  expect(textOf(finds.answerNow(keeper, find({ query: 'more.n7' })))).toMatchObject([{ text: 'n7' }])

  const other = setUp(['other.name']).keeper
  expect(finds.answerNow(other, find({ query: '*' }))).toBeUndefined()
  await turn()
  expect(textOf(finds.answerNow(other, find({ query: '*' })))).toMatchObject([{ text: 'other' }])
})

test('a keeper that has nothing to share, or does not answer, is asked again', async () => {
  const { keeper, finds } = setUp()
  const answers = [async () => null, async () => Promise.reject(new Error('gone'))]
  for (const answer of answers) keeper.call.mockImplementationOnce(answer)
  for (const _ of answers) {
    expect(finds.answerNow(keeper, find({ query: '*' }))).toBeUndefined()
    await turn()
  }
  expect(finds.answerNow(keeper, find({ query: '*' }))).toBeUndefined()
  await turn()
  expect(textOf(finds.answerNow(keeper, find({ query: '*' })))).toMatchObject([{ text: 'shop' }])
})
