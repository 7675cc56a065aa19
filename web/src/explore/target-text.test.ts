import { describe, expect, test } from 'vitest'
import { pathsOf, placeOf, positionOf, splitTarget } from './target-text.ts'

/** `|` is the caret. */
function place(text: string) {
  return placeOf(text.replace('|', ''), text.indexOf('|'))
}

describe('where the caret stands', () => {
  test.each([
    ['sta|', { word: 'sta', start: 0, call: null, isInText: false }],
    ['|', { word: '', start: 0, call: null, isInText: false }],
    ['sumSeries(stats.c|)', { word: 'stats.c', start: 10, call: { name: 'sumSeries', argument: 0 } }],
    ['scale(a.b, |', { word: '', start: 11, call: { name: 'scale', argument: 1 } }],
    ['scale(sum(a.b), 1|', { word: '1', call: { name: 'scale', argument: 1 } }],
    ['sum(a.{b,c|', { word: 'a.{b,c', start: 4, call: { name: 'sum', argument: 0 } }],
    ["f(a, 'su|", { word: "'su", start: 5, call: { name: 'f', argument: 1 }, isInText: true }],
    ["f(a, 'sum'|", { word: "'sum'", isInText: false }],
    ['f(a)|', { word: '', start: 4, call: null }],
    ["f(')(', b|", { word: 'b', call: { name: 'f', argument: 1 } }],
  ])('%s', (text, expected) => {
    expect(place(text)).toMatchObject(expected)
  })
})

test('the parts are the whole text', () => {
  const text = `alias(sumSeries(a.{b,c}.*), "x, (y", 1.5) \\"{`
  expect(
    splitTarget(text)
      .map((part) => part.text)
      .join(''),
  ).toBe(text)
  expect(splitTarget(text)[0]).toEqual({ kind: 'function', text: 'alias', start: 0 })
  expect(splitTarget(text).map(({ kind }) => kind)).toContain('number')
})

test('its paths', () => {
  expect(pathsOf("scale(sumSeries(a.{b,c}, d.*), 2.5, true, 'x.y')")).toEqual(['a.{b,c}', 'd.*'])
})

test.each([
  ['Parameter `target`: the function "x" at position 1 is not known.', 0],
  ['Parameter `target`: scale, at position 30: no.', 29],
  ['The query has too many points.', undefined],
])('%s', (message, position) => {
  expect(positionOf(message)).toBe(position)
})
