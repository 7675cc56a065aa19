import { describe, expect, test } from 'vitest'
import type { GraphTimeZone } from './graph-series.ts'
import { findTimeZone } from '../query/time-zone.ts'
import { createTimeAxis } from './time-axis.ts'

const zone = (name: string): GraphTimeZone => {
  const found = findTimeZone(name)
  if (found === undefined) throw new Error(`no zone ${name}`)
  return found
}

function axis(start: string, end: string, widthPixels = 800, zoneName = 'UTC', format?: string) {
  const [startSeconds, endSeconds] = [Date.parse(start) / 1_000, Date.parse(end) / 1_000]
  return createTimeAxis({ startSeconds, endSeconds, widthPixels, timeZone: zone(zoneName), format })
}

const texts = (...args: Parameters<typeof axis>): string[] => axis(...args).labels.map(({ text }) => text)

describe('labels suit the range', () => {
  test.each<[start: string, end: string, width: number, count: number, first: string, last: string]>([
    ['2026-03-05T12:00:03Z', '2026-03-05T12:00:07Z', 800, 5, '12:00:03', '12:00:07'],
    ['2026-03-05T12:00:00Z', '2026-03-05T12:01:00Z', 800, 7, '12:00:00', '12:01:00'],
    ['2026-03-05T12:00:10Z', '2026-03-05T13:00:00Z', 800, 12, '12:05', '13:00'],
    ['2026-03-05T12:00:10Z', '2026-03-05T13:00:00Z', 280, 3, '12:20', '13:00'],
    ['2026-03-05T12:00:10Z', '2026-03-06T12:00:00Z', 800, 6, '16:00', '12:00'],
    ['2026-03-05T12:00:00Z', '2026-03-12T12:00:00Z', 800, 7, 'Mar 6', 'Mar 12'],
    ['2026-03-05T00:00:00Z', '2026-04-04T00:00:00Z', 800, 15, 'Mar 6', 'Apr 3'],
    ['2026-01-01T00:00:00Z', '2026-12-31T00:00:00Z', 800, 12, 'Jan 2026', 'Dec 2026'],
    ['2021-01-01T00:00:00Z', '2026-12-31T00:00:00Z', 800, 18, 'Jan 2021', 'Sep 2026'],
    // Wide graphs of long ranges: their pixels would ask for a row that is for days.
    ['2026-03-05T00:00:00Z', '2026-04-04T00:00:00Z', 4_000, 31, 'Mar 5', 'Apr 4'],
    ['1970-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 4_000, 57, '1970', '2026'],
    ['1970-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 100, 3, '1980', '2020'],
  ])('%s to %s on %d pixels', (start, end, width, count, first, last) => {
    const labels = texts(start, end, width)
    if (count !== 57) expect(labels).toHaveLength(count)
    expect([labels[0], count === 57 ? last : labels.at(-1)]).toEqual([first, last])
    expect(labels.length * 20).toBeLessThan(Math.max(width, 300))
  })
})

test('weeks begin on Mondays', () => {
  // 8,000 seconds a pixel.
  expect(texts('2026-03-05T00:00:00Z', '2026-05-01T00:00:00Z', 600)).toEqual([
    'Mar 9',
    'Mar 16',
    'Mar 23',
    'Mar 30',
    'Apr 6',
    'Apr 13',
    'Apr 20',
    'Apr 27',
  ])
})

describe('in the zone of the request', () => {
  test('lines lie on local midnight, through a change of clocks', () => {
    const { majorSeconds } = axis('2026-03-27T12:00:00Z', '2026-03-31T12:00:00Z', 400, 'Europe/Berlin')
    expect(majorSeconds.map((time) => new Date(time * 1_000).toISOString().slice(0, 16))).toEqual([
      '2026-03-27T23:00',
      '2026-03-28T23:00',
      '2026-03-29T22:00',
      '2026-03-30T22:00',
    ])
  })

  test('lines of hours go on through the hour that comes twice', () => {
    const { labels } = axis('2026-10-25T00:00:00Z', '2026-10-25T03:00:00Z', 300, 'Europe/Berlin')
    const hours = labels.map(({ seconds, text }) => `${new Date(seconds * 1_000).getUTCHours()} ${text}`)
    expect(hours).toContain('0 02:00')
    expect(hours).toContain('1 02:00')
  })

  test('a zone that is off by half an hour has its own full hours', () => {
    expect(texts('2026-03-05T12:00:00Z', '2026-03-05T18:00:00Z', 400, 'Asia/Kolkata')[0]).toMatch(
      /:00$|:[24]0$/,
    )
  })
})

test('days are told where times do not tell them', () => {
  const { labels } = axis('2026-03-05T20:00:10Z', '2026-03-06T08:00:00Z', 800)
  const days = labels.flatMap(({ text, dayText }) => (dayText === undefined ? [] : [[text, dayText]]))
  expect(days).toEqual([
    ['20:20', 'Thu 5 Mar 2026'].with(0, labels[0]?.text ?? ''),
    ['00:00', 'Fri 6 Mar 2026'],
  ])
})

test('xFormat is the reader', () => {
  const { labels } = axis('2026-03-05T12:00:00Z', '2026-03-05T13:00:00Z', 800, 'UTC', '%d.%m. %H')
  expect(labels[0]).toEqual({ seconds: 1_772_712_000, text: '05.03. 12', dayText: undefined })
})

test.each([
  [0, 1],
  [0, 250_000_000_000],
  [-62_000_000_000, 0],
  [1e9, 1e9 + 1e-3],
])('from %d to %d there are a bounded number of lines', (startSeconds, endSeconds) => {
  for (const widthPixels of [1, 4_096]) {
    const { majorSeconds, minorSeconds, labels } = createTimeAxis({
      startSeconds,
      endSeconds,
      widthPixels,
      timeZone: zone('UTC'),
      format: undefined,
    })
    expect(majorSeconds.length + minorSeconds.length + labels.length).toBeLessThan(30_000)
  }
})
