import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSeriesLimits, type SeriesLimits } from './series-limits.ts'

const UNLIMITED = 1_000_000

function limitsOf(prefixes: Readonly<Record<string, number>>, series = UNLIMITED): SeriesLimits {
  const list = Object.entries(prefixes).map(([prefix, most]) => ({ prefix, series: most }))
  return createSeriesLimits({ series, prefixes: list })
}

function admitAll(limits: SeriesLimits, keys: readonly string[]): string[] {
  return keys.map((key) => limits.admit(key, 'counter'))
}

describe('a limit', () => {
  test('folds what is new and beyond it into the overflow metric', () => {
    const limits = limitsOf({ api: 2 })
    expect(admitAll(limits, ['api.a', 'api.a;host=1', 'api.b', 'apis.c', 'api', 'x;api=api.x'])).toEqual([
      'api.a',
      'api.a;host=1',
      'api.__over_limit__',
      'apis.c',
      'api.__over_limit__',
      'x;api=api.x',
    ])
  })

  test('has room again when a metric is forgotten', () => {
    const limits = limitsOf({ api: 1 })
    expect(admitAll(limits, ['api.a', 'api.b'])).toEqual(['api.a', 'api.__over_limit__'])
    limits.release('api.__over_limit__')
    expect(limits.admit('api.b', 'gauge')).toBe('api.__over_limit__')
    limits.release('api.a')
    expect(limits.admit('api.b', 'gauge')).toBe('api.b')
  })

  test('of the whole process covers all, and has an overflow metric of its own', () => {
    const limits = limitsOf({ api: 2 }, 3)
    expect(admitAll(limits, ['a', 'b', 'api.a', 'api.b', 'c'])).toEqual([
      'a',
      'b',
      'api.a',
      '__over_limit__',
      '__over_limit__',
    ])
  })

  test('inside another counts for both, and the nearest that is full says where to', () => {
    const limits = limitsOf({ 'api.web': 1, api: 2, 'api.web.x.y.z': 5 })
    expect(admitAll(limits, ['api.web.a', 'api.web.b', 'api.db.a', 'api.db.b', 'api.web.c'])).toEqual([
      'api.web.a',
      'api.web.__over_limit__',
      'api.db.a',
      'api.__over_limit__',
      'api.web.__over_limit__',
    ])
    expect(limits.covering('api.web.a;b=c')).toEqual([
      { prefix: 'api.web', series: 1, held: 1, overflowKey: 'api.web.__over_limit__' },
      { prefix: 'api', series: 2, held: 2, overflowKey: 'api.__over_limit__' },
      { prefix: '', series: UNLIMITED, held: 2, overflowKey: '__over_limit__' },
    ])
  })

  test('lets nobody pass under a name like that of an overflow metric', () => {
    const limits = limitsOf({ api: 1 })
    const keys = ['api.a', 'api.x.__over_limit__', 'api.__over_limit__;t=1', 'api.__over_limit__']
    expect(admitAll(limits, keys)).toEqual(['api.a', ...Array<string>(3).fill('api.__over_limit__')])
  })

  test('counts what is there already, even beyond itself', () => {
    const limits = limitsOf({ api: 1 })
    for (const key of ['api.a', 'api.b', 'api.__over_limit__']) limits.hold(key)
    expect(limits.admit('api.c', 'set')).toBe('api.__over_limit__')
    limits.release('api.a')
    expect(limits.admit('api.c', 'set')).toBe('api.__over_limit__')
    limits.release('api.b')
    expect(limits.admit('api.c', 'set')).toBe('api.c')
  })

  test('refuses points, which cannot be added up', () => {
    const limits = limitsOf({ api: 1 })
    expect([limits.admit('api.a', 'untyped'), limits.admit('api.b', 'untyped')]).toEqual(['api.a', undefined])
  })

  test.each(['__proto__', 'constructor.prototype'])('may be for %s', (prefix) => {
    const limits = limitsOf({ [prefix]: 1 })
    expect(admitAll(limits, [`${prefix}.a`, `${prefix}.b`])).toEqual([
      `${prefix}.a`,
      `${prefix}.__over_limit__`,
    ])
  })

  test('a metric that was never counted cannot be released', () => {
    expect(() => limitsOf({}).release('a')).toThrow(/^BUG: /)
  })
})

describe('the worst offenders', () => {
  test('are named by the node below the prefix, with examples', () => {
    const limits = limitsOf({ api: 1 }, 4)
    const keys = [
      'api.a',
      'api.user.1',
      'api.user.2;t=v',
      'api.user.3',
      'api.user.4',
      'api',
      'b',
      'c',
      'd',
      'e.1',
    ]
    for (const key of [...keys, 'api.user.1']) limits.admit(key, 'counter')
    expect(limits.offenders()).toEqual([
      {
        prefix: 'api.user',
        limit: { prefix: 'api', series: 1 },
        refused: 5,
        examples: ['api.user.1', 'api.user.2;t=v', 'api.user.3'],
      },
      { prefix: 'api', limit: { prefix: 'api', series: 1 }, refused: 1, examples: ['api'] },
      { prefix: 'e', limit: { prefix: '', series: 4 }, refused: 1, examples: ['e.1'] },
    ])
  })

  test('nobody is one before a limit is full', () => {
    const limits = limitsOf({ api: 10 })
    admitAll(limits, ['api.a', 'b'])
    expect(limits.offenders()).toEqual([])
  })

  test('are few, whatever comes', () => {
    const limits = limitsOf({ api: 100 }, 1000)
    for (let index = 0; index < 50_000; index++) {
      limits.admit(`api.${index}.x`, 'counter')
      limits.admit(`${index}.x`, 'timer')
    }
    expect(limits.offenders()).toHaveLength(16)
    expect(limits.offenders().filter(({ examples }) => examples.length > 3)).toEqual([])
    expect(limits.covering('api.x').map(({ held }) => held)).toEqual([100, 1000])
  })
})

test('whatever comes and goes, no limit is exceeded and every count is right', () => {
  const key = fc.constantFrom(
    'a',
    'a.b',
    'a.b.c',
    'a.b.d;t=1',
    'a.x',
    'x',
    'x.a',
    'a.__over_limit__',
    '__over_limit__',
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.boolean()), { maxLength: 60 }), (steps) => {
      const limits = limitsOf({ a: 3, 'a.b': 2 }, 4)
      const held = new Set<string>()
      for (const [name, isNew] of steps) {
        if (isNew && !held.has(name)) held.add(limits.admit(name, 'counter'))
        else if (!isNew && held.delete(name)) limits.release(name)
      }
      const counted = [...held].filter((name) => !name.endsWith('__over_limit__'))
      expect(limits.covering('a.b')).toMatchObject([
        { held: counted.filter((name) => name.startsWith('a.b')).length },
        { held: counted.filter((name) => name.startsWith('a')).length },
        { held: counted.length },
      ])
      for (const { held: count, series } of limits.covering('a.b')) expect(count).toBeLessThanOrEqual(series)
    }),
    { numRuns: 300 },
  )
})

describe('new metrics in an hour', () => {
  function create(known: readonly string[] = []) {
    let hour = 5
    const refused: number[] = []
    const limits = createSeriesLimits(
      {
        series: UNLIMITED,
        new_per_hour: 3,
        prefixes: [{ prefix: 'api', series: UNLIMITED, new_per_hour: 1 }],
      },
      { hour: () => hour, isKnown: (key) => known.includes(key), onRefused: () => refused.push(hour) },
    )
    return { limits, refused, nextHour: () => (hour += 1) }
  }

  test('are let in up to the limit, and again in the next hour', () => {
    const { limits, refused, nextHour } = create()
    expect(admitAll(limits, ['a', 'api.a', 'api.b', 'b', 'c'])).toEqual([
      'a',
      'api.a',
      'api.__over_limit__',
      'b',
      '__over_limit__',
    ])
    expect(refused).toEqual([5, 5])
    expect(limits.offenders().map(({ prefix }) => prefix)).toEqual(['api.b', 'c'])
    nextHour()
    expect(admitAll(limits, ['api.b', 'c', 'd', 'e'])).toEqual(['api.b', 'c', 'd', '__over_limit__'])
  })

  test('are not those that were there before', () => {
    const { limits } = create(['api.b', 'x', 'y', 'z'])
    expect(admitAll(limits, ['api.a', 'api.b', 'x', 'y', 'z', 'b', 'c', 'd'])).toEqual([
      'api.a',
      'api.b',
      'x',
      'y',
      'z',
      'b',
      'c',
      '__over_limit__',
    ])
  })

  test('have no room made for them by those that go', () => {
    const { limits } = create()
    admitAll(limits, ['api.a'])
    limits.release('api.a')
    expect(admitAll(limits, ['api.b'])).toEqual(['api.__over_limit__'])
  })
})
