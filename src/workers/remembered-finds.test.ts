import { expect, test } from 'vitest'
import type { QueryAnswer, QueryRequest } from '../api/services.ts'
import { SharedVersion } from '../lib/shared-version.ts'
import { RememberedFinds } from './remembered-finds.ts'

type Parameters = Readonly<Record<string, string>>

function keeperOf(version: SharedVersion) {
  return { call: async () => version.buffer }
}

function setUp() {
  const version = new SharedVersion()
  const finds = new RememberedFinds()
  let keeper = keeperOf(version)
  let made = 0
  const ask = async (parameters: Parameters, kind: QueryRequest['kind'] = 'find'): Promise<QueryAnswer> => {
    const lists = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]]))
    return await finds.answer(keeper, { kind, parameters: lists }, async () => {
      made++
      return { contentType: 'application/json', body: Uint8Array.of(made) }
    })
  }
  return {
    version,
    ask,
    made: () => made,
    replaceKeeper: (other: typeof keeper) => {
      keeper = other
    },
  }
}

test('a question that was asked before has the same answer', async () => {
  const { ask, made } = setUp()
  const first = await ask({ query: 'a.*' })
  const { contentType, body } = await ask({ query: 'a.*' })
  expect({ contentType, body: [...body] }).toEqual({ contentType: first.contentType, body: [1] })
  expect(made()).toBe(1)
})

test('the memory of what went out first is written again, and is no remembered answer', async () => {
  const { ask } = setUp()
  const first = await ask({ query: 'a.*' })
  first.body.fill(9)
  expect((await ask({ query: 'a.*' })).body[0]).toBe(1)
})

test('the catalog of another keeper is another one', async () => {
  const { ask, replaceKeeper, version } = setUp()
  await ask({ query: 'a.*' })
  replaceKeeper(keeperOf(new SharedVersion()))
  expect((await ask({ query: 'a.*' })).body[0]).toBe(2)
  // That of the one that is gone says nothing any more.
  version.raise()
  expect((await ask({ query: 'a.*' })).body[0]).toBe(2)
})

test('while a keeper cannot say when its catalog changes, answers are made anew', async () => {
  const { ask, replaceKeeper } = setUp()
  const version = new SharedVersion()
  let isOpen = false
  replaceKeeper({ call: async () => (isOpen ? version.buffer : Promise.reject(new Error('not yet'))) })
  expect((await ask({ query: 'a.*' })).body[0]).toBe(1)
  expect((await ask({ query: 'a.*' })).body[0]).toBe(2)
  isOpen = true
  expect((await ask({ query: 'a.*' })).body[0]).toBe(3)
  expect((await ask({ query: 'a.*' })).body[0]).toBe(3)
})

test('new series, and series that are gone, make it be answered anew', async () => {
  const { ask, version, made } = setUp()
  await ask({ query: 'a.*' })
  version.raise()
  expect((await ask({ query: 'a.*' })).body[0]).toBe(2)
  expect(made()).toBe(2)
})

const alike: readonly (readonly [what: string, parameters: Parameters, other: Parameters])[] = [
  ['in another order', { query: 'a', format: 'nodelist' }, { format: 'nodelist', query: 'a' }],
  ['with an empty time', { query: 'a', from: '' }, { query: 'a', from: '' }],
]
test.each(alike)('%s it is the same question', async (_what, parameters, other) => {
  const { ask, made } = setUp()
  await ask(parameters)
  await ask(other)
  expect(made()).toBe(1)
})

const anew: readonly (readonly [why: string, parameters: Parameters, kind: QueryRequest['kind']])[] = [
  ['it depends on when points came: from', { query: 'a', from: '-1h' }, 'find'],
  ['it depends on when points came: until', { query: 'a', until: 'now' }, 'find'],
  ['it says when points came: json', { query: 'a', format: 'json' }, 'find'],
  ['it says when points came: pickle', { query: 'a', format: 'pickle' }, 'find'],
  ['whoever asks wants a new one', { query: 'a', noCache: '1' }, 'find'],
  ['whoever asks wants one of the last 0 seconds', { query: 'a', cacheTimeout: '0' }, 'find'],
  ['the question is too long to be kept', { query: 'a'.repeat(5_000) }, 'find'],
  ['it is no find', { query: 'a' }, 'expand'],
]
test.each(anew)('an answer is made anew where %s', async (_why, parameters, kind) => {
  const { ask, made } = setUp()
  await ask(parameters, kind)
  await ask(parameters, kind)
  expect(made()).toBe(2)
})

test('an answer that fails is not remembered', async () => {
  const finds = new RememberedFinds()
  const keeper = keeperOf(new SharedVersion())
  const request: QueryRequest = { kind: 'find', parameters: { query: ['a'] } }
  await expect(finds.answer(keeper, request, async () => Promise.reject(new Error('no')))).rejects.toThrow(
    'no',
  )
  const answer = await finds.answer(keeper, request, async () => ({
    contentType: 'a/b',
    body: Uint8Array.of(7),
  }))
  expect(answer.body[0]).toBe(7)
})

test('what is made at once is remembered as well, and what is not is asked for again', async () => {
  const finds = new RememberedFinds()
  const version = new SharedVersion()
  const keeper = keeperOf(version)
  const request: QueryRequest = { kind: 'find', parameters: { query: ['a'] } }
  let made = 0
  const ask = (): number | undefined =>
    finds.answerNow(keeper, request, () =>
      made++ === 0 ? undefined : { contentType: 'a/b', body: Uint8Array.of(made) },
    )?.body[0]
  // The keeper has not yet said when its catalog changes.
  expect([ask(), ask()]).toEqual([undefined, 2])
  await new Promise((resolve) => setImmediate(resolve))
  expect([ask(), ask()]).toEqual([3, 3])
  version.raise()
  expect([ask(), ask()]).toEqual([4, 4])
})
