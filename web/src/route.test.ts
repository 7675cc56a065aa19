import { describe, expect, test } from 'vitest'
import { HOME, linkTo, type Route, readRoute, writeRoute } from './route.ts'

describe('the page is in the address', () => {
  const cases: [hash: string, route: Partial<Route>][] = [
    ['#/', {}],
    ['#/?from=-6h', { from: '-6h' }],
    ['#/explore', { page: 'explore' }],
    [
      '#/explore?t=sumSeries%28a.*%29&t=b%26c&from=-1h&until=now&only=a.b',
      { page: 'explore', targets: ['sumSeries(a.*)', 'b&c'], from: '-1h', until: 'now', only: 'a.b' },
    ],
    ['#/dashboard/shop.api?from=-1d', { page: 'dashboard', prefix: 'shop.api', from: '-1d' }],
    ['#/dashboard/%3Cb%3E%2F%3F', { page: 'dashboard', prefix: '<b>/?' }],
    ['#/boards/shop?v=host%3Da', { page: 'boards', prefix: 'shop', values: ['host=a'] }],
    ['#/status', { page: 'status' }],
  ]
  test.each(cases)('%s', (hash, route) => {
    expect(readRoute(hash)).toEqual({ ...HOME, ...route })
    expect(writeRoute({ ...HOME, ...route })).toBe(hash)
  })

  test.each([
    ['', 'home'],
    ['#', 'home'],
    ['#/constructor', 'unknown'],
    ['#/%', 'unknown'],
    ['nonsense?', 'unknown'],
  ])('%j is the page %s', (hash, page) => {
    expect(readRoute(hash).page).toBe(page)
  })

  test('what is not well formed is taken as it stands', () => {
    expect(readRoute('#/dashboard/100%').prefix).toBe('100%')
  })

  test('a link keeps the times', () => {
    const route = readRoute('#/explore?t=a&from=-2h&until=-1h')
    expect(linkTo(route, { page: 'dashboard', prefix: 'shop' })).toBe('#/dashboard/shop?from=-2h&until=-1h')
  })
})
