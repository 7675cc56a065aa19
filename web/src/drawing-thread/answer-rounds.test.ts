import { expect, test } from 'vitest'
import { ApiError, type TargetRequest, type TargetSeries } from '../api.ts'
import { plotColumns } from '../explore/aligned.ts'
import { AnswerRounds } from './answer-rounds.ts'
import type { Answer, Ask } from './messages.ts'

const ASK: Ask = {
  id: 1,
  targets: ['a'],
  names: null,
  mostDrawn: 20,
  maxDataPoints: 400,
  zone: 'UTC',
  dashboard: undefined,
  span: { fromSeconds: 0, untilSeconds: 30, nowSeconds: 31 },
}

test('points, what they sum up to, and which of their targets have any', async () => {
  const { rounds, requests, answer, told } = start()
  rounds.ask({ ...ASK, targets: ['a', 'b'], dashboard: 'shop' })
  expect(requests.map(({ request }) => request)).toEqual(
    ['a', 'b'].map((target) => ({
      target,
      fromSeconds: 0,
      untilSeconds: 30,
      maxDataPoints: 400,
      zone: 'UTC',
      dashboard: 'shop',
    })),
  )
  await answer('b', [series('b', [null, null])])
  expect(told).toEqual([])
  await answer('a', [series('a', [1, null, 3])])
  const [, only] = told[0]?.[0] ?? []
  expect(only?.targets.toSorted((a, b) => (a.target < b.target ? -1 : 1))).toEqual([
    { target: 'a', problem: null, hasValues: true },
    { target: 'b', problem: null, hasValues: false },
  ])
  expect(only?.series).toEqual([
    { target: 'a', stepSeconds: 10, readStepSeconds: 10, stats: { min: 1, avg: 2, max: 3, last: 3 } },
    {
      target: 'b',
      stepSeconds: 10,
      readStepSeconds: 10,
      stats: { min: null, avg: null, max: null, last: null },
    },
  ])
  expect(plotColumns(only?.points ?? never())).toEqual([
    [0, 10, 20],
    [1, null, 3],
    [null, null, undefined],
  ])
  expect([only?.span, only?.isWhole]).toEqual([ASK.span, true])
})

test('of many series the first are drawn, and all are summed up', async () => {
  const { rounds, answer, told } = start()
  rounds.ask({ ...ASK, mostDrawn: 1 })
  await answer('a', [series('one', [1]), series('two', [2])])
  const [, only] = told[0]?.[0] ?? []
  expect(only?.points.columns).toHaveLength(1)
  expect(only?.series.map(({ stats }) => stats.last)).toEqual([1, 2])
})

test('those that are named, in their order; what is not there is there without points', async () => {
  const { rounds, answer, told } = start()
  rounds.ask({ ...ASK, names: ['gone', 'two'] })
  await answer('a', [series('one', [1]), series('two', [2])])
  const [, only] = told[0]?.[0] ?? []
  expect(only?.series.map(({ target, stats }) => [target, stats.last])).toEqual([
    ['gone', null],
    ['two', 2],
  ])
  expect(plotColumns(only?.points ?? never())).toEqual([[0], [undefined], [2]])
})

test('what is new is told at once, what is drawn anew together', async () => {
  const { rounds, answer, told } = start()
  rounds.ask(ASK)
  rounds.ask({ ...ASK, id: 2, targets: ['b'] })
  await answer('a', [series('a', [1])])
  await answer('b', [series('b', [2])])
  expect(told.map((answers) => answers.map(([id]) => id))).toEqual([[1], [2]])
  rounds.ask(ASK)
  rounds.ask({ ...ASK, id: 2, targets: ['b'] })
  await answer('a', [series('a', [1])])
  expect(told).toHaveLength(2)
  await answer('b', [series('b', [2])])
  expect(told[2]?.map(([id]) => id)).toEqual([1, 2])
})

test('those that are there do not wait for long for those that are not', async () => {
  const { rounds, answer, told, pass } = start()
  for (const round of [1, 2]) {
    rounds.ask(ASK)
    rounds.ask({ ...ASK, id: 2, targets: ['b'] })
    await answer('a', [series('a', [round])])
    if (round === 1) await answer('b', [series('b', [1])])
  }
  expect(told).toHaveLength(2)
  pass()
  expect(told[2]?.map(([id]) => id)).toEqual([1])
})

test('one with a mistake does not hide the others; until an answer is there the one before stays', async () => {
  const { rounds, answer, told, pass } = start()
  rounds.ask({ ...ASK, targets: ['a', 'b('] })
  await answer('b(', new ApiError(400, 'No such function.', 'Look at /functions.'))
  await answer('a', [series('a', [1])])
  const [, first] = told[0]?.[0] ?? []
  expect(first?.targets.find(({ target }) => target === 'b(')?.problem).toBe(
    'No such function. Look at /functions.',
  )
  expect(first?.series.map(({ target }) => target)).toEqual(['a'])
  rounds.ask({ ...ASK, targets: ['a', 'b('] })
  await answer('b(', new TypeError('Failed to fetch'))
  pass()
  const [, second] = told[1]?.[0] ?? []
  expect(second?.targets.find(({ target }) => target === 'b(')?.problem).toMatch('does not answer')
  expect([second?.series.map(({ target }) => target), second?.isWhole]).toEqual([['a'], false])
})

test('what is asked for anew takes the place of what was asked before', async () => {
  const { rounds, requests, answer, told } = start()
  rounds.ask(ASK)
  rounds.ask({ ...ASK, targets: ['b'] })
  expect(requests[0]?.signal.aborted).toBe(true)
  await answer('a', [series('a', [1])])
  expect(told).toEqual([])
  await answer('b', [series('b', [2])])
  expect(told[0]?.[0]?.[1].series.map(({ target }) => target)).toEqual(['b'])
  rounds.ask({ ...ASK, targets: [''] })
  expect(told[1]?.[0]?.[1]).toMatchObject({ targets: [], series: [], isWhole: true })
})

test('points are kept until there are others, and until nobody asks for them any more', async () => {
  const { rounds, answer } = start()
  rounds.ask(ASK)
  await answer('a', [series('a', [1])])
  expect(plotColumns(rounds.pointsOf(1, 1) ?? never())).toEqual([[0], [1]])
  rounds.ask(ASK)
  await answer('a', [series('a', [2])])
  expect(rounds.pointsOf(1, 1)).toBeUndefined()
  expect(plotColumns(rounds.pointsOf(1, 2) ?? never())).toEqual([[0], [2]])
  rounds.forget(1)
  expect(rounds.pointsOf(1, 2)).toBeUndefined()
})

test('whoever has gone is not waited for', async () => {
  const { rounds, requests, answer, told } = start()
  rounds.ask(ASK)
  await answer('a', [series('a', [1])])
  rounds.ask(ASK)
  rounds.ask({ ...ASK, id: 2, targets: ['b'] })
  await answer('a', [series('a', [2])])
  expect(told).toHaveLength(1)
  rounds.forget(2)
  expect(requests.at(-1)?.signal.aborted).toBe(true)
  expect(told).toHaveLength(2)
})

interface Request {
  readonly request: TargetRequest
  readonly signal: AbortSignal
  readonly settle: (answer: readonly TargetSeries[] | Error) => void
}

/** Requests that are answered by hand, each once. */
function start() {
  const requests: Request[] = []
  const open: Request[] = []
  const told: (readonly (readonly [number, Answer])[])[] = []
  const timers: (() => void)[] = []
  const rounds = new AnswerRounds({
    tell: (answers) => void told.push(answers),
    after: (_, run) => void timers.push(run),
    fetchTarget: (request, signal) =>
      new Promise((resolve, reject) => {
        const one = {
          request,
          signal,
          settle: (answer: readonly TargetSeries[] | Error) =>
            answer instanceof Error ? reject(answer) : resolve(answer),
        }
        requests.push(one)
        open.push(one)
      }),
  })
  const answer = async (target: string, series: readonly TargetSeries[] | Error) => {
    const index = open.findIndex(({ request }) => request.target === target)
    open.splice(index, 1)[0]?.settle(series)
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
  const pass = () => {
    for (const run of timers.splice(0)) run()
  }
  return { rounds, requests, answer, told, pass }
}

function series(target: string, values: readonly (number | null)[]): TargetSeries {
  return {
    target,
    datapoints: values.map((value, index) => [value, index * 10] as const),
    stepSeconds: 10,
    readStepSeconds: 10,
  }
}

function never(): never {
  throw new Error('there are no points')
}
