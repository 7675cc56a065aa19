import { expect, test } from 'vitest'
import { createPieceRoom } from '../api/encode/piece-room.ts'
import type { QueryAnswer, QueryRequest } from '../api/services.ts'
import { SharedVersion } from '../lib/shared-version.ts'
import { RememberedFinds } from './remembered-finds.ts'

type Parameters = Readonly<Record<string, string>>

function setUp({ bytes = 1 } = {}) {
  const version = new SharedVersion()
  const finds = new RememberedFinds(version, createPieceRoom())
  let made = 0
  const ask = async (parameters: Parameters, kind: QueryRequest['kind'] = 'find'): Promise<QueryAnswer> => {
    const lists = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]]))
    return await finds.answer({ kind, parameters: lists }, async () => {
      made++
      return { contentType: 'application/json', body: new Uint8Array(bytes).fill(made) }
    })
  }
  return { version, ask, made: () => made }
}

test('a question that was asked before has the same answer', async () => {
  const { ask, made } = setUp()
  const first = await ask({ query: 'a.*' })
  const { contentType, body } = await ask({ query: 'a.*' })
  expect({ contentType, body: [...body] }).toEqual({ contentType: first.contentType, body: [1] })
  expect(made()).toBe(1)
})

test('the bytes of an answer are its own, as they move to another thread', async () => {
  const { ask } = setUp({ bytes: 100_000 })
  for (let time = 0; time < 3; time++) {
    const { body } = await ask({ query: 'a.*' })
    expect([body.length, body[0], body.at(-1)]).toEqual([100_000, 1, 1])
    structuredClone(body, { transfer: [body.buffer as ArrayBuffer] })
  }
})

test('memory that was given back is written again, and is no remembered answer', async () => {
  const { ask } = setUp()
  await ask({ query: 'a.*' })
  const again = await ask({ query: 'a.*' })
  again.body.fill(9)
  again.giveBack?.()
  expect((await ask({ query: 'a.*' })).body[0]).toBe(1)
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
  const finds = new RememberedFinds(new SharedVersion(), createPieceRoom())
  const request: QueryRequest = { kind: 'find', parameters: { query: ['a'] } }
  await expect(finds.answer(request, async () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  const answer = await finds.answer(request, async () => ({ contentType: 'a/b', body: Uint8Array.of(7) }))
  expect(answer.body[0]).toBe(7)
})
