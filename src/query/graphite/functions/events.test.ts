import { expect, test } from 'vitest'
import type { EventQuery } from '../../../store/events.ts'
import { MAX_FOUND_EVENTS } from '../../../store/events.ts'
import { DEFAULT_QUERY_LIMITS } from '../../query-limits.ts'
import { FakeStoreAccess } from '../../testdata/fake-store-access.ts'
import { findTimeZone } from '../../time-zone.ts'
import { evaluateTargets } from '../evaluate.ts'

const START = 1_700_000_000

async function evaluate(target: string, times: readonly number[], untilSeconds = START + 5) {
  const queries: EventQuery[] = []
  const timeZone = findTimeZone('UTC')
  if (timeZone === undefined) throw new Error('there is no UTC')
  const access = Object.assign(new FakeStoreAccess([]), {
    async findEventTimes(query: EventQuery) {
      queries.push(query)
      return times
    },
  })
  const [series] = await evaluateTargets([target], {
    access,
    limits: DEFAULT_QUERY_LIMITS,
    signal: new AbortController().signal,
    fromSeconds: START,
    untilSeconds,
    stepSeconds: 10,
    nowSeconds: untilSeconds,
    timeZone,
  })
  return { series, queries }
}

test('events are counted by the second, and summed where there are more points than are asked for', async () => {
  const times = [START * 1000 + 4_999, START * 1000 + 1_500, START * 1000 + 1_001, START * 1000]
  const { series, queries } = await evaluate('events("deploy", "env:prod")', times)
  expect(series).toMatchObject({
    name: 'events("deploy", "env:prod")',
    startSeconds: START,
    endSeconds: START + 5,
    stepSeconds: 1,
    consolidation: 'sum',
    values: new Float64Array([1, 2, Number.NaN, Number.NaN, 1]),
  })
  expect(queries).toEqual([
    {
      startMs: START * 1000,
      endMs: (START + 5) * 1000,
      tags: ['deploy', 'env:prod'],
      setOperation: 'intersection',
      limit: MAX_FOUND_EVENTS,
    },
  ])
})

test('a star is every event', async () => {
  const { queries } = await evaluate('events("*")', [])
  expect(queries[0]?.tags).toEqual([])
})

test.each([
  ['more events than are found at once', 'events("*")', MAX_FOUND_EVENTS, START + 5, 'argument-invalid'],
  ['more tags than can be searched for', `events(${'"a",'.repeat(40)}"a")`, 0, START + 5, 'argument-invalid'],
  ['more seconds than points may be', 'events("*")', 0, START + 1e8, 'too-many-points'],
])('%s end in an error', async (_what, target, count, until, code) => {
  const times = Array.from({ length: count }, () => START * 1000)
  await expect(evaluate(target, times, until)).rejects.toMatchObject({ code })
})
