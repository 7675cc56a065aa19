import { describe, expect, test } from 'vitest'
import type { StoreAccess } from '../../store/access.ts'
import { FakeStoreAccess } from '../testdata/fake-store-access.ts'
import { DEFAULT_QUERY_LIMITS } from '../query-limits.ts'
import type { EvaluationContext } from './evaluate.ts'
import { evaluateTargets } from './evaluate.ts'
import { UTC } from '../testdata/utc.ts'

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
  return evaluateTargets(targets, {
    access: createAccess(),
    limits: DEFAULT_QUERY_LIMITS,
    signal: new AbortController().signal,
    fromSeconds: START,
    untilSeconds: START + 30,
    stepSeconds: 10,
    nowSeconds: START + 30,
    timeZone: UTC,
    ...changes,
  })
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

describe('what is wrong with a target is said before anything is looked up', () => {
  const cases: [target: string, code: string, position: number, text: string][] = [
    [' scele(a.x, 2)', 'function-unknown', 2, 'did you mean "scale"?'],
    ['scale(a.x)', 'argument-invalid', 1, 'the argument `factor` is missing'],
    ['scale(a.x, "x")', 'argument-invalid', 12, 'argument 2 (`factor`) has to be a number, not a text'],
    ['scale(a.x, a.y)', 'argument-invalid', 12, 'has to be a number, not series'],
    ['scale(1, 2)', 'argument-invalid', 7, 'argument 1 (`seriesList`) has to be series, not the number 1'],
    ['scale(a.x, 2, 3)', 'argument-invalid', 15, 'it takes at most 2 arguments'],
    ['scale(a.x, 2, factor=3)', 'argument-invalid', 22, 'given without its name already'],
    ['scale(a.x, faktor=3)', 'argument-invalid', 19, 'no argument `faktor`; did you mean "factor"?'],
    ['a.x | scale("x")', 'argument-invalid', 13, 'argument 2 (`factor`) has to be a number'],
    ['aggregate(a.x, "mean")', 'argument-invalid', 16, 'one of average, avg_zero'],
    ['sumSeries()', 'argument-invalid', 1, 'the argument `seriesLists` is missing'],
    ['template(scale(a.x, $f), f="x")', 'argument-invalid', 21, 'has to be a number'],
    ['template(scale(a.x, 1), a.y)', 'argument-invalid', 1, 'only numbers and texts'],
  ]
  test.each(cases)('%s', async (target, code, position, text) => {
    const access = createAccess()
    const failure = evaluate(['a.x', target], { access })
    await expect(failure).rejects.toMatchObject({ code, details: { position } })
    await expect(failure).rejects.toThrow(text)
    expect(access.patterns).toEqual([])
  })
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
