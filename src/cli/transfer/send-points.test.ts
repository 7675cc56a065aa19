import { expect, test } from 'vitest'
import { MOST_POINTS, type PointColumns } from '../../formats/point-columns/point-columns.ts'
import { nextEventLoopTurn } from '../../lib/clock.ts'
import { FakeClock } from '../../lib/fake-clock.ts'
import { type Mark, type Piece, sendPoints } from './send-points.ts'

function createPeer() {
  const clock = new FakeClock()
  const peer = {
    requests: [] as PointColumns[],
    events: [] as string[],
    failsAt: Number.POSITIVE_INFINITY,
    underWay: 0,
    mostUnderWay: 0,
  }
  const options = {
    clock,
    peer: {
      async send(columns: PointColumns) {
        peer.mostUnderWay = Math.max(peer.mostUnderWay, ++peer.underWay)
        await nextEventLoopTurn()
        peer.underWay--
        if (peer.requests.length >= peer.failsAt) throw new Error('told to')
        // Once it has answered, they are for other points.
        peer.requests.push(structuredClone(columns))
        peer.events.push(`sent ${columns.values.length}`)
        return { stored: columns.values.length - 1, outside: 1, overLimit: 0 }
      },
      settle() {
        peer.events.push('settled')
        return Promise.resolve()
      },
    },
    onSent() {},
    onSafe: (mark: string) => peer.events.push(`safe ${mark}`),
  }
  return { peer, clock, options }
}

function piece(key: string, count: number): Piece {
  return {
    key,
    count,
    timesMs: Float64Array.from({ length: count }, (_, index) => index + 1),
    values: Float64Array.from({ length: count }, (_, index) => index / 2),
  }
}

test('small pieces travel together, and all is safe at the end', async () => {
  const { peer, options } = createPeer()
  const totals = await sendPoints(
    [piece('a', 2), { mark: 'a.wsp' }, piece('b', 3), { mark: 'b.wsp' }],
    options,
  )
  expect(totals).toEqual({ stored: 4, outside: 1, overLimit: 0 })
  expect(peer.events).toEqual(['sent 5', 'settled', 'safe b.wsp'])
  expect(peer.requests).toEqual([
    {
      series: [
        { key: 'a', points: 2 },
        { key: 'b', points: 3 },
      ],
      timesMs: Float64Array.of(1, 2, 1, 2, 3),
      values: Float64Array.of(0, 0.5, 0, 0.5, 1),
    },
  ])
})

test('a large piece is divided, and a few requests are under way at once', async () => {
  const { peer, options } = createPeer()
  await sendPoints([piece('a', 4 * MOST_POINTS + 7)], options)
  expect(peer.requests.map(({ values }) => values.length)).toEqual([
    ...Array.from({ length: 4 }, () => MOST_POINTS),
    7,
  ])
  expect(peer.requests.flatMap(({ values }) => [...values.subarray(0, 1)])).toEqual(
    [0, 1, 2, 3, 4].map((part) => (part * MOST_POINTS) / 2),
  )
  expect(peer.mostUnderWay).toBe(3)
})

test('series of one point and long names make requests that are not too large', async () => {
  const { peer, options } = createPeer()
  const pieces = Array.from({ length: 2_000 }, (_, index) => piece(`${index}.${'k'.repeat(1_000)}`, 1))
  await sendPoints(pieces, options)
  expect(peer.requests.length).toBeGreaterThan(1)
  expect(peer.requests.flatMap(({ series }) => series)).toHaveLength(2_000)
})

test('every few seconds, what was given so far becomes safe', async () => {
  const { peer, clock, options } = createPeer()
  function* pieces(): Generator<Piece | Mark> {
    for (const key of ['a', 'b', 'c', 'd']) {
      yield piece(key, 1)
      clock.advance(1_000)
      yield { mark: key }
    }
  }
  await sendPoints(pieces(), options)
  expect(peer.events).toEqual([
    'sent 2',
    'settled',
    'safe b',
    'sent 2',
    'settled',
    'safe d',
    'settled',
    'safe d',
  ])
})

test('the first error ends it, and nothing more is called safe', async () => {
  const { peer, options } = createPeer()
  peer.failsAt = 1
  await expect(sendPoints([piece('a', 3 * MOST_POINTS), { mark: 'a' }], options)).rejects.toThrow('told to')
  expect(peer.events).toEqual([`sent ${MOST_POINTS}`])
})
