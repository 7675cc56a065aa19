import { describe, expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { findTimeZone } from '../query/time-zone.ts'
import { createAnswerCache, readCacheSeconds } from './answer-cache.ts'
import type { QueryAnswer } from './services.ts'

const NOW = 1_700_000_000
type Parameters = Record<string, string[]>

function setUp(options: { maxBytes?: number; maxAnswerBytes?: number } = {}) {
  const defaultTimeZone = findTimeZone('UTC')
  if (defaultTimeZone === undefined) throw new Error('no UTC')
  const clock = new FakeClock(NOW * 1000)
  const world = { stored: 0, made: 0, stepSeconds: 10 as number | undefined, bytes: 10 }
  const cache = createAnswerCache({
    dataVersion: () => world.stored,
    clock,
    defaultTimeZone,
    maxBytes: 100_000,
    maxAnswerBytes: 10_000,
    ...options,
  })
  const ask = async (parameters: Parameters): Promise<number> => {
    const answer = await cache.answer({ parameters }, async (): Promise<QueryAnswer> => {
      world.made += 1
      const body = new Uint8Array(world.bytes)
      body[0] = world.made
      return {
        contentType: 'application/json',
        body,
        ...(world.stepSeconds === undefined ? {} : { stepSeconds: world.stepSeconds }),
      }
    })
    return answer.body[0] ?? 0
  }
  return { cache, clock, world, ask }
}

const range = { from: [`${NOW - 100}`], until: [`${NOW}`] }
const target = { target: ['a.*'] }

describe('the same answer is given again', () => {
  const cases: [what: string, first: Parameters, second: Parameters][] = [
    ['for the same question', { ...target, ...range }, { ...target, ...range }],
    [
      'for ends in the same steps',
      { ...target, ...range },
      { ...target, from: [`${NOW - 91}`], until: [`${NOW + 9}`] },
    ],
    [
      'for parameters in another order',
      { ...target, ...range, format: ['json'] },
      { format: ['json'], ...range, ...target },
    ],
    [
      'whatever names no part of it',
      { ...target, ...range, _salt: ['1'] },
      { ...target, ...range, _salt: ['2'], local: ['1'] },
    ],
    ['for relative times', { ...target, from: ['-1h'] }, { ...target, from: ['-60min'], until: ['now'] }],
  ]
  test.each(cases)('%s', async (_what, first, second) => {
    const { ask } = setUp()
    expect([await ask(first), await ask(second)]).toEqual([1, 1])
  })

  test('until a minute has passed', async () => {
    const { ask, clock } = setUp()
    await ask({ ...target, ...range })
    clock.advance(59_999)
    expect(await ask({ ...target, ...range })).toBe(1)
    clock.advance(1)
    expect(await ask({ ...target, ...range })).toBe(2)
  })

  test('as long as the client says', async () => {
    const { ask, clock } = setUp()
    await ask({ ...target, ...range })
    clock.advance(5_000)
    expect(await ask({ ...target, ...range, cacheTimeout: ['4'] })).toBe(2)
    expect(await ask({ ...target, ...range, cacheTimeout: ['4'] })).toBe(2)
  })
})

describe('it is made anew', () => {
  const base = { ...target, ...range }
  const cases: [what: string, second: Parameters][] = [
    ['for another target', { ...base, target: ['b.*'] }],
    ['for another order of targets', { ...base, target: ['a.*', 'b.*'] }],
    ['for another format', { ...base, format: ['csv'] }],
    ['for another template', { ...base, 'template[x]': ['1'] }],
    ['for a start in another step', { ...base, from: [`${NOW - 90}`] }],
    ['for an end in another step', { ...base, until: [`${NOW + 10}`] }],
    ['for another length of time', { ...base, from: [`${NOW - 99}`] }],
    ['where nothing is to be kept', { ...base, noCache: ['1'] }],
    ['where it is to be kept for no time', { ...base, cacheTimeout: ['0'] }],
    ['for times that are none', { ...base, from: ['5mi'] }],
    ['for a target that is very long', { ...base, target: ['a'.repeat(20_000)] }],
  ]
  test.each(cases)('%s', async (_what, second) => {
    const { ask } = setUp()
    expect([await ask(base), await ask(second), await ask(base)]).toEqual([1, 2, 1])
  })

  test('once the range has moved on, and only the newest is kept', async () => {
    const { ask } = setUp()
    const moved = { ...target, from: [`${NOW - 90}`], until: [`${NOW + 10}`] }
    expect([await ask(base), await ask(moved), await ask(moved), await ask(base)]).toEqual([1, 2, 2, 3])
  })

  test('once something has been stored, also while it was made', async () => {
    const { ask, world, cache } = setUp()
    await ask(base)
    world.stored += 1
    expect(await ask(base)).toBe(2)
    await cache.answer({ parameters: { ...base, target: ['c'] } }, async () => {
      world.stored += 1
      return { contentType: '', body: new Uint8Array(1), stepSeconds: 10 }
    })
    expect(await ask({ ...base, target: ['c'] })).toBe(3)
  })

  test('once the step has gone by', async () => {
    const { ask, clock } = setUp()
    const relative = { ...target, from: ['-100s'] }
    await ask(relative)
    clock.advance(9_000)
    expect(await ask(relative)).toBe(1)
    clock.advance(1_000)
    expect(await ask(relative)).toBe(2)
  })

  test('after all is forgotten, also what was being made', async () => {
    const { ask, cache } = setUp()
    await ask(base)
    cache.clear()
    expect(await ask(base)).toBe(2)
    await cache.answer({ parameters: { ...base, target: ['c'] } }, async () => {
      cache.clear()
      return { contentType: '', body: new Uint8Array(1), stepSeconds: 10 }
    })
    expect(await ask({ ...base, target: ['c'] })).toBe(3)
  })

  test('where nobody says what step it has', async () => {
    const { ask, world } = setUp()
    world.stepSeconds = undefined
    expect([await ask(base), await ask(base)]).toEqual([1, 2])
  })
})

test('another dashboard has an answer of its own, so that it is known what it read', async () => {
  const { cache, world } = setUp()
  const parameters = { ...target, ...range }
  const ask = async (dashboard: string) => {
    await cache.answer({ parameters, origin: { dashboard, panel: null } }, async () => {
      world.made += 1
      return { contentType: '', body: new Uint8Array(1), stepSeconds: 10 }
    })
    return world.made
  }
  expect([await ask('1'), await ask('2'), await ask('1')]).toEqual([1, 2, 2])
})

test('what was not asked for the longest makes room', async () => {
  const { ask, world } = setUp({ maxBytes: 30_000 })
  world.bytes = 9_000
  const of = (name: string): Parameters => ({ target: [name], ...range })
  expect([await ask(of('a')), await ask(of('b')), await ask(of('c'))]).toEqual([1, 2, 3])
  expect(await ask(of('a'))).toBe(1)
  expect(await ask(of('d'))).toBe(4)
  expect([await ask(of('a')), await ask(of('b'))]).toEqual([1, 5])
})

test('a large answer is not kept', async () => {
  const { ask, world } = setUp()
  world.bytes = 10_001
  expect([await ask({ ...target, ...range }), await ask({ ...target, ...range })]).toEqual([1, 2])
})

test('what is to be given back is not what is kept', async () => {
  const { cache } = setUp()
  const lent = Uint8Array.of(1, 2, 3)
  let timesGivenBack = 0
  const make = () =>
    Promise.resolve({ contentType: 'a/b', body: lent, stepSeconds: 10, giveBack: () => timesGivenBack++ })
  const first = await cache.answer({ parameters: { ...target, ...range } }, make)
  expect(first.body).toBe(lent)
  first.giveBack?.()
  lent.fill(9)
  const second = await cache.answer({ parameters: { ...target, ...range } }, make)
  second.giveBack?.()
  expect([...second.body]).toEqual([1, 2, 3])
  expect(timesGivenBack).toBe(1)
})

test('an error is not kept', async () => {
  const { cache, ask } = setUp()
  const broken = cache.answer({ parameters: { ...target, ...range } }, () => Promise.reject(new Error('no')))
  await expect(broken).rejects.toThrow('no')
  expect(await ask({ ...target, ...range })).toBe(1)
})

test.each([
  [{}, 60],
  [{ cacheTimeout: ['5'] }, 5],
  [{ cacheTimeout: ['0'] }, 0],
  [{ cacheTimeout: ['undefined'] }, 60],
  [{ cacheTimeout: ['-5'] }, 60],
  [{ cacheTimeout: ['x'] }, 60],
  [{ noCache: [''] }, 0],
  [{ noCache: ['1'], cacheTimeout: ['5'] }, 0],
  [{ noCache: ['false'] }, 60],
])('%j is kept for %i s', (parameters: Parameters, seconds) => {
  expect(readCacheSeconds(parameters)).toBe(seconds)
})
