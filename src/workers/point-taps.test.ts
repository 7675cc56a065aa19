import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { type TapNews, type TapQuestion } from '../model/tap.ts'
import { eventsOf, gaugesOf, pointBatchOf } from '../sinks/testdata/batches.ts'
import { LiveTaps } from './live-taps.ts'
import { PointTaps } from './point-taps.ts'

const question = (own: Partial<TapQuestion> = {}): TapQuestion => ({
  id: 1,
  stage: 'aggregated',
  pattern: undefined,
  sink: undefined,
  ...own,
})

function setUp() {
  const clock = new FakeClock()
  const news: TapNews[] = []
  const taps = new PointTaps({ clock, onNews: (one) => news.push(one) })
  const keys = (): string[] =>
    news.flatMap(({ items }) => items.map((item) => (item.kind === 'point' ? item.key : item.kind)))
  return { clock, news, taps, keys }
}

test('points whose names are meant are shown, with their times, of the stage that is asked for', () => {
  const { taps, news } = setUp()
  taps.watch(question({ pattern: 'stats.gauges.api.**' }))
  const batch = gaugesOf(['api.a;env=b', 'web.a', 'api.b'])
  taps.see('aggregated', batch)
  taps.see('stored', batch)
  taps.see('aggregated', batch, 'graphite')
  expect(news).toEqual([
    {
      id: 1,
      leftOut: 0,
      items: [
        { kind: 'point', key: 'stats.gauges.api.a;env=b', value: 0, timeMs: batch.timestampMs },
        { kind: 'point', key: 'stats.gauges.api.b', value: 2, timeMs: batch.timestampMs },
      ],
    },
  ])
})

test('each who watches is told for himself, of a sink by its name', () => {
  const { taps, news } = setUp()
  taps.watch(question({ id: 1, stage: 'sent', sink: 'a' }))
  taps.watch(question({ id: 2, stage: 'sent', sink: 'b' }))
  taps.see('sent', pointBatchOf(['x']), 'b')
  taps.seeEvents('sent', eventsOf(['deploy']), 'a')
  expect(news.map(({ id, items }) => [id, items[0]?.kind])).toEqual([
    [2, 'point'],
    [1, 'event'],
  ])
})

test('it ends by itself, and is over for none before its time', () => {
  const { taps, keys, clock } = setUp()
  taps.watch(question())
  clock.advance(4_000)
  taps.watch(question())
  clock.advance(4_000)
  taps.see('aggregated', gaugesOf(['a']))
  clock.advance(2_000)
  taps.see('aggregated', gaugesOf(['b']))
  expect(keys()).toEqual(['stats.gauges.a'])
  expect(taps.isOn).toBe(false)
})

test('what is more than a thousand a second is left out, and counted', () => {
  const { taps, news, keys, clock } = setUp()
  taps.watch(question())
  taps.see('aggregated', gaugesOf(Array.from({ length: 1_500 }, (_, index) => `a${index}`)))
  taps.see('aggregated', gaugesOf(['b']))
  expect(keys()).toHaveLength(1_000)
  expect(news.reduce((sum, { leftOut }) => sum + leftOut, 0)).toBe(501)
  clock.advance(1_000)
  taps.see('aggregated', gaugesOf(['c']))
  expect(keys().at(-1)).toBe('stats.gauges.c')
})

test('of a batch that is too long all have their turn', () => {
  const { taps, news, keys, clock } = setUp()
  taps.watch(question({ pattern: 'stats.gauges.wanted' }))
  const batch = gaugesOf([...Array.from({ length: 120_000 }, (_, index) => `a${index}`), 'wanted'])
  for (let round = 0; round < 3; round++) {
    taps.see('aggregated', batch)
    clock.advance(1_000)
  }
  expect(new Set(keys())).toEqual(new Set(['stats.gauges.wanted']))
  expect(news[0]?.leftOut).toBe(70_001)
})

test('threads are asked at once and again while somebody watches, and news finds who asked', () => {
  const clock = new FakeClock()
  const asked: number[] = []
  const taps = new LiveTaps({ clock, ask: ({ id }) => void asked.push(id) })
  const heard: (TapNews | null)[] = []
  const { id: _id, ...wanted } = question()
  const end = taps.open(wanted, (news) => heard.push(news))
  taps.open(wanted, () => {})()
  clock.advance(5_000)
  expect(asked.filter((id) => id === 1).length).toBeGreaterThanOrEqual(3)
  expect(asked.filter((id) => id === 2)).toHaveLength(1)
  taps.take({ id: 1, items: [], leftOut: 3 })
  end()
  taps.take({ id: 1, items: [], leftOut: 4 })
  const count = asked.length
  clock.advance(60_000)
  expect(asked).toHaveLength(count)
  taps.open(wanted, (news) => heard.push(news))
  taps.close()
  expect(heard.map((news) => news?.leftOut)).toEqual([3, undefined])
  for (let watcher = 0; watcher < 10; watcher++) taps.open(wanted, () => {})
  expect(() => taps.open(wanted, () => {})).toThrow('watching')
  taps.close()
})
