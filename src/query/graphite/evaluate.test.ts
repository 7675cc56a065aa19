import { describe, expect, test } from 'vitest'
import type { StoreAccess } from '../../store/access.ts'
import { FakeStoreAccess } from '../testdata/fake-store-access.ts'
import { DEFAULT_QUERY_LIMITS } from '../query-limits.ts'
import type { EvaluationContext } from './evaluate.ts'
import { evaluateTargets } from './evaluate.ts'
import { parseTarget } from './parse-target.ts'

const START = 1_700_000_000

function createAccess(): FakeStoreAccess {
  const points = [1, 2, 3].map((value) => [(START + value * 10) * 1000, value] as const)
  return new FakeStoreAccess([
    { key: 'a.x', points },
    { key: 'a.y', points },
    { key: 'a.z;host=web1;name=other;__proto__=p', points },
  ])
}

function evaluate(targets: string[], changes: Partial<EvaluationContext> = {}) {
  return evaluateTargets(
    targets.map((target) => parseTarget(target)),
    {
      access: createAccess(),
      limits: DEFAULT_QUERY_LIMITS,
      signal: new AbortController().signal,
      fromSeconds: START,
      untilSeconds: START + 30,
      stepSeconds: 10,
      ...changes,
    },
  )
}

test('a series has its key as name, its pattern as expression, and slots of the window', async () => {
  expect(await evaluate(['a.?'])).toMatchObject([
    {
      name: 'a.x',
      pathExpression: 'a.?',
      startSeconds: START + 10,
      endSeconds: START + 40,
      stepSeconds: 10,
      values: new Float64Array([1, 2, 3]),
      consolidation: 'average',
      xFilesFactor: 0,
    },
    { name: 'a.y', pathExpression: 'a.?' },
  ])
})

test('tags are those of the key, and the name without them', async () => {
  const [plain, tagged] = await evaluate(['a.x', 'a.z;host=web1;name=other;__proto__=p'])
  expect({ ...plain?.tags }).toEqual({ name: 'a.x' })
  expect(new Map(Object.entries(tagged?.tags ?? {}))).toEqual(
    new Map([
      ['__proto__', 'p'],
      ['host', 'web1'],
      ['name', 'a.z'],
    ]),
  )
})

test('all targets share one read, in which each series stands once', async () => {
  const access = createAccess()
  const series = await evaluate(['a.*', 'a.x', 'a.{x,y}', 'a.*'], { access })
  expect(series.map((one) => one.name)).toEqual(['a.x', 'a.y', 'a.x', 'a.x', 'a.y', 'a.x', 'a.y'])
  expect(access.reads.length).toBe(1)
  expect(access.reads[0]?.series.map((one) => one.key)).toEqual(['a.x', 'a.y'])
  expect(access.patterns).toEqual(['a.*', 'a.x', 'a.{x,y}'])
})

test('nothing found is nothing read', async () => {
  const access = createAccess()
  expect(await evaluate(['b.*'], { access })).toEqual([])
  expect(access.reads).toEqual([])
})

test('a function is refused before anything is looked up', async () => {
  const access = createAccess()
  await expect(evaluate(['a.x', ' scale(a.x, 2)'], { access })).rejects.toMatchObject({
    code: 'function-unknown',
    details: { name: 'scale', position: 2 },
  })
  expect(access.patterns).toEqual([])
})

describe('limits hold before anything is read', () => {
  const cases: [what: string, changes: Partial<EvaluationContext>, code: string][] = [
    ['series of all targets', { limits: { ...DEFAULT_QUERY_LIMITS, maxSeries: 3 } }, 'too-many-series'],
    ['series of one target', { limits: { ...DEFAULT_QUERY_LIMITS, maxSeries: 1 } }, 'too-many-results'],
    ['points', { limits: { ...DEFAULT_QUERY_LIMITS, maxPoints: 11 } }, 'too-many-points'],
    ['a range of fifty years', { fromSeconds: START - 50 * 31_536_000 }, 'too-many-points'],
    ['a range of all time', { fromSeconds: -6e10, untilSeconds: 2.5e11 }, 'too-many-points'],
  ]
  test.each(cases)('%s', async (_what, changes, code) => {
    const access = createAccess()
    await expect(evaluate(['a.*', 'a.*'], { ...changes, access })).rejects.toMatchObject({ code })
    expect(access.reads).toEqual([])
  })
})

describe('an aborted request', () => {
  test('looks nothing up', async () => {
    const access = createAccess()
    const signal = AbortSignal.abort(new Error('gone'))
    await expect(evaluate(['a.*'], { access, signal })).rejects.toThrow('gone')
    expect(access.patterns).toEqual([])
  })

  test('ends between chunks, and closes the read', async () => {
    const controller = new AbortController()
    const access = createAccess()
    let isClosed = false
    const slow: StoreAccess = {
      findNodes: (pattern, limit) => access.findNodes(pattern, limit),
      findSeries: (pattern, limit) => access.findSeries(pattern, limit),
      findSeriesByTags: (expressions, limit) => access.findSeriesByTags(expressions, limit),
      tags: (question) => access.tags(question),
      tagValues: (tag, question) => access.tagValues(tag, question),
      metrics: (limit) => access.metrics(limit),
      reader: {
        async *read(request) {
          try {
            // An engine that does not look at the signal.
            yield* access.reader.read(request)
            controller.abort(new Error('gone'))
            yield* access.reader.read(request)
          } finally {
            isClosed = true
          }
        },
        close: async () => {},
      },
    }
    await expect(evaluate(['a.*'], { access: slow, signal: controller.signal })).rejects.toThrow('gone')
    expect(isClosed).toBe(true)
  })
})
