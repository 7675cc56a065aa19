import { describe, expect, test } from 'vitest'
import { readView, type View, writeView } from './page-url.ts'

describe('the view is in the address', () => {
  const cases: [search: string, view: View][] = [
    ['', { range: 'auto', query: '' }],
    ['?range=15m', { range: '15m', query: '' }],
    ['?q=a%26b+c', { range: 'auto', query: 'a&b c' }],
    ['?range=24h&q=%3Cb%3E', { range: '24h', query: '<b>' }],
  ]
  test.each(cases)('%s', (search, view) => {
    expect(readView(search)).toEqual(view)
    expect(writeView(view)).toBe(search)
  })

  test('an unknown range is the automatic one', () => {
    expect(readView('?range=constructor').range).toBe('auto')
  })
})
