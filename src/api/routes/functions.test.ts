import { describe, expect, test } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { KymoError } from '../../telemetry/errors.ts'
import type { RouteAnswer, RouteContext } from '../route.ts'
import { functions, oneFunction } from './functions.ts'

async function get(
  route: typeof functions,
  parameters: Record<string, string> = {},
  pathParameters: Record<string, string> = {},
): Promise<RouteAnswer> {
  const context = { clock: systemClock } as RouteContext
  return route.handler(context)({
    method: 'GET',
    parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]])),
    pathParameters,
    body: undefined,
    accept: undefined,
    contentType: undefined,
    coding: undefined,
    origin: undefined,
    remoteAddress: undefined,
    signal: new AbortController().signal,
  })
}

async function json(...args: Parameters<typeof get>): Promise<Record<string, never>> {
  const { body } = await get(...args)
  if (typeof body !== 'string') throw new Error('the answer is no text')
  return JSON.parse(body) as Record<string, never>
}

describe('/functions', () => {
  test('lists every name, aliases too', async () => {
    const entries = await json(functions)
    expect(Object.keys(entries)).toEqual(expect.arrayContaining(['sumSeries', 'sum', 'averageSeries', 'avg']))
    expect(entries.sum).toMatchObject({
      name: 'sum',
      function: 'sum(*seriesLists)',
      group: 'Combine',
      params: [{ name: 'seriesLists', type: 'seriesList', required: true, multiple: true }],
    })
    expect(entries.groupByNode).toMatchObject({
      params: [{}, {}, { options: expect.arrayContaining(['average', 'sumSeries']) as string[] }],
    })
  })

  test('of one group, and by group', async () => {
    expect(Object.keys(await json(functions, { group: 'Combine' }))).not.toContain('scale')
    const groups = await json(functions, { grouped: '1' })
    expect(groups).toMatchObject({ Combine: { sum: {} }, Transform: { scale: {} } })
    expect(await json(functions, { group: 'None' })).toEqual({})
  })

  test('for pie charts', async () => {
    expect(Object.keys(await json(functions, { type: 'pie' }))).toEqual(['average', 'maximum', 'minimum'])
  })

  test('infinity is a number that is too large', async () => {
    const { body } = await get(functions)
    expect(body).toContain('"default":1e9999')
    expect(body).not.toContain('"default":null')
  })

  test('pretty, and wrapped', async () => {
    expect((await get(functions, { pretty: '1', group: 'None' })).body).toBe('{}')
    expect(await get(functions, { jsonp: 'cb', group: 'None' })).toMatchObject({
      contentType: 'text/javascript; charset=utf-8',
      body: 'cb({})',
    })
  })
})

describe('/functions/:name', () => {
  test('is one entry', async () => {
    expect(await json(oneFunction, {}, { name: 'scale' })).toMatchObject({ name: 'scale' })
    expect(await json(oneFunction, { type: 'pie' }, { name: 'average' })).toMatchObject({
      group: 'Ungrouped',
    })
  })

  test.each(['', 'scele', '__proto__', 'constructor'])('%j is none', async (name) => {
    const failure = get(oneFunction, {}, { name })
    await expect(failure).rejects.toThrow(KymoError)
    await expect(failure).rejects.toMatchObject({ httpStatus: 404 })
  })
})
