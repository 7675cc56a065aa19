import { describe, expect, test } from 'vitest'
import { ApiError, type RenderedSeries, type RenderRequest } from './api.ts'
import { type Render, SeriesLoader, targetOf } from './series-loader.ts'
import type { TimeWindow } from './time-range.ts'

const WINDOW: TimeWindow = { spanSeconds: 300, untilSeconds: 1000 }

/** A `/render` that answers when it is told to. */
class FakeRender {
  readonly requests: RenderRequest[] = []
  readonly #waiting: { answer: () => void; fail: (error: Error) => void; signal: AbortSignal }[] = []

  readonly render: Render = (request, signal) => {
    this.requests.push(request)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ answer: () => resolve(answerTo(request)), fail: reject, signal })
      signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
    })
  }

  get targets(): string[] {
    return this.requests.flatMap((request) => request.targets)
  }

  get signals(): AbortSignal[] {
    return this.#waiting.map(({ signal }) => signal)
  }

  async answerNext(): Promise<void> {
    this.#next().answer()
    await settle()
  }

  async failNext(error: Error): Promise<void> {
    this.#next().fail(error)
    await settle()
  }

  #next() {
    const next = this.#waiting.shift()
    if (next === undefined) throw new Error('nothing was asked for')
    return next
  }
}

function answerTo(request: RenderRequest): RenderedSeries[] {
  return request.targets.map((target) => ({
    target,
    datapoints: [
      [1, request.untilSeconds - 10],
      [2, request.untilSeconds],
    ],
  }))
}

/** Lets promises that are already settled run their course. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

function createLoader() {
  const fake = new FakeRender()
  return { fake, loader: new SeriesLoader(fake.render) }
}

test('what is wanted is fetched once for a window', async () => {
  const { fake, loader } = createLoader()
  loader.want(['a', 'b'], WINDOW)
  loader.want(['a', 'b'], WINDOW)
  await fake.answerNext()
  loader.want(['b', 'c'], WINDOW)
  await fake.answerNext()
  expect(fake.requests.map((request) => request.targets)).toEqual([['a', 'b'], ['c']])
  expect([...loader.getState().series.keys()]).toEqual(['a', 'b', 'c'])
})

test('many series go in batches', async () => {
  const { fake, loader } = createLoader()
  loader.want(
    Array.from({ length: 90 }, (_, i) => `k${i}`),
    WINDOW,
  )
  for (let i = 0; i < 3; i++) await fake.answerNext()
  expect(fake.requests.map((request) => request.targets.length)).toEqual([40, 40, 10])
  expect(loader.getState().series.size).toBe(90)
})

test('of a window that moves on only the end is fetched', async () => {
  const { fake, loader } = createLoader()
  loader.want(['a'], WINDOW)
  await fake.answerNext()
  loader.want(['a', 'b'], { ...WINDOW, untilSeconds: 1010 })
  await fake.answerNext()
  await fake.answerNext()
  expect(fake.requests).toEqual([
    { targets: ['a'], fromSeconds: 685, untilSeconds: 1000 },
    { targets: ['a'], fromSeconds: 880, untilSeconds: 1010 },
    { targets: ['b'], fromSeconds: 695, untilSeconds: 1010 },
  ])
  expect([...(loader.getState().series.get('a')?.seconds ?? [])]).toEqual([1000, 1010])
})

test('a longer span is fetched whole, a shorter one is there already', async () => {
  const { fake, loader } = createLoader()
  loader.want(['a'], WINDOW)
  await fake.answerNext()
  loader.want(['a'], { ...WINDOW, spanSeconds: 3600 })
  await fake.answerNext()
  loader.want(['a'], WINDOW)
  await settle()
  expect(fake.requests.map((request) => request.fromSeconds)).toEqual([685, -2780])
})

test('a window that moves on waits for the answer under way, so that slow answers arrive at all', async () => {
  const { fake, loader } = createLoader()
  const later = { ...WINDOW, untilSeconds: 1010 }
  loader.want(['a'], WINDOW)
  loader.want(['a'], later)
  expect(fake.signals[0]?.aborted).toBe(false)
  await fake.answerNext()
  expect(loader.getState().series.get('a')?.untilSeconds).toBe(1000)
  await fake.answerNext()
  expect(loader.getState().series.get('a')?.untilSeconds).toBe(1010)
})

test('another span aborts what is under way', async () => {
  const { fake, loader } = createLoader()
  loader.want(['a'], WINDOW)
  const [signal] = fake.signals
  loader.want(['a'], { ...WINDOW, spanSeconds: 3600 })
  expect(signal?.aborted).toBe(true)
  await settle()
  expect(fake.requests.length).toBe(2)
  expect(loader.getState()).toMatchObject({ problem: null })
})

test('closing aborts, and nothing changes any more', async () => {
  const { fake, loader } = createLoader()
  loader.want(['a'], WINDOW)
  loader.close()
  loader.close()
  expect(fake.signals[0]?.aborted).toBe(true)
  await settle()
  expect(loader.getState().series.size).toBe(0)
})

test('a name that Kymo refuses hides no other and is not asked for again', async () => {
  const refusal = new ApiError(400, 'Parameter `target`: bad')
  const asked: string[][] = []
  const loader = new SeriesLoader((request) => {
    asked.push([...request.targets])
    return request.targets.includes('bad') ? Promise.reject(refusal) : Promise.resolve(answerTo(request))
  })
  loader.want(['a', 'b', 'bad', 'c', 'd'], WINDOW)
  await settle()
  await settle()
  const { series, refusals, problem } = loader.getState()
  expect(['a', 'b', 'c', 'd'].every((key) => series.get(key)?.values.length === 2)).toBe(true)
  expect([...refusals]).toEqual([['bad', refusal.message]])
  expect(problem).toBeNull()

  const before = asked.length
  loader.want(['bad', 'a'], { ...WINDOW, untilSeconds: 1010 })
  await settle()
  expect(asked.slice(before)).toEqual([['a']])
})

test('a failure is told and tried again with the next window', async () => {
  const { fake, loader } = createLoader()
  loader.want(['a'], WINDOW)
  await fake.failNext(new ApiError(503, 'Kymo is not ready'))
  expect(loader.getState().problem).toBe('Kymo is not ready')
  loader.want(['a'], { ...WINDOW, untilSeconds: 1010 })
  await fake.answerNext()
  expect(loader.getState().problem).toBeNull()
})

test('lows and highs of a series are asked for by a function, and known by its name', async () => {
  const { fake, loader } = createLoader()
  const key = 'consolidateBy(a.b?c,"max")'
  loader.want([key], WINDOW)
  expect(fake.targets).toEqual(['consolidateBy(a.b?c,"max")'])
  await fake.answerNext()
  expect([...loader.getState().series.keys()]).toEqual([key])
})

test('an answer under another name is not taken for the series', async () => {
  const loader = new SeriesLoader(() => Promise.resolve([{ target: 'axb', datapoints: [[1, 990]] }]))
  loader.want(['a*b'], WINDOW)
  await settle()
  expect(loader.getState().series.get('a*b')?.values.length).toBe(0)
})

describe('the target of a key', () => {
  const cases: [key: string, target: string][] = [
    ['stats.counters.a.count', 'stats.counters.a.count'],
    ['__proto__', '__proto__'],
    ['a*b?[c]{d}', 'a?b??c??d?'],
    [`f(x,'y')|"z"\\`, `f\\(x\\,\\'y\\'\\)\\|\\"z\\"\\\\`],
    ['größe.😀', 'gr??e.?'],
    ['a.b;env=prod', 'a.b;env=prod'],
    ['a;route=/v1/{id}*', 'a;route=/v1/\\{id\\}*'],
    ['a;path=../b.', 'a;path=\\../b\\.'],
  ]
  test.each(cases)('%s', (key, target) => expect(targetOf(key)).toBe(target))
})
