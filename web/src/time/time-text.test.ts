import { describe, expect, test } from 'vitest'
import { isLive, pan, resolveTime, spanText, zoomOut } from './time-text.ts'

const NOW = 1_800_000_000

describe('resolveTime', () => {
  test.each([
    ['now', NOW],
    ['-90s', NOW - 90],
    [' -5min ', NOW - 300],
    ['-2h', NOW - 7200],
    ['-1w', NOW - 604_800],
    ['1799999000', 1_799_999_000],
    ['yesterday', undefined],
    ['20260131', undefined],
    ['-1mon', undefined],
    ['-', undefined],
    ['', undefined],
  ])('%j', (text, seconds) => {
    expect(resolveTime(text, NOW)).toBe(seconds)
  })
})

describe('zoom and pan', () => {
  const hour = { fromSeconds: NOW - 7200, untilSeconds: NOW - 3600 }

  test('a stretch is drawn in either direction', () => {
    expect(spanText({ fromSeconds: 2000.7, untilSeconds: 1000.2 })).toEqual({ from: '1000', until: '2001' })
  })
  test('a stretch is never too short to hold a point', () => {
    expect(spanText({ fromSeconds: 1000, untilSeconds: 1001 })).toEqual({ from: '996', until: '1006' })
  })
  test('zooming out keeps the middle', () => {
    expect(zoomOut(hour, NOW)).toEqual({ from: String(NOW - 9000), until: String(NOW - 1800) })
  })
  test('zooming out past now goes on with it', () => {
    expect(zoomOut({ fromSeconds: NOW - 3600, untilSeconds: NOW }, NOW)).toEqual({
      from: '-7200s',
      until: '',
    })
  })
  test('panning moves by half, and ends at now', () => {
    expect(pan(hour, -1, NOW)).toEqual({ from: String(NOW - 9000), until: String(NOW - 5400) })
    expect(pan({ fromSeconds: NOW - 5400, untilSeconds: NOW - 1800 }, 1, NOW)).toEqual({
      from: '-3600s',
      until: '',
    })
  })
  test.each([
    ['', true],
    ['now', true],
    ['-1h', false],
  ])('until %j is live: %j', (until, live) => {
    expect(isLive({ from: '', until })).toBe(live)
  })
})
