import { expect, test } from 'vitest'
import type { AggregationMethod } from '../../model/aggregation-method.ts'
import { fetchArchive } from './fetch.ts'
import { fill } from './fill.ts'
import { bytesInMemory } from './file-bytes.ts'
import { encodeHeader } from './header.ts'
import { update, type WhisperFile } from './update.ts'

/** A multiple of every step. */
const NOW = 1_700_006_400

function newFile(method: AggregationMethod, xFilesFactor = 0): WhisperFile & { readonly bytes: Uint8Array } {
  const encoded = encodeHeader({
    archives: [
      { stepSeconds: 60, points: 10 },
      { stepSeconds: 300, points: 12 },
    ],
    method,
    xFilesFactor,
  })
  if ('problem' in encoded) throw new Error(encoded.problem)
  const bytes = new Uint8Array(encoded.fileBytes)
  bytes.set(encoded.bytes)
  return { header: encoded.header, file: bytesInMemory(bytes), bytes }
}

function filled(
  points: readonly (readonly [seconds: number, value: number])[],
  method: AggregationMethod = 'sum',
) {
  const whisper = newFile(method)
  const columns = {
    timesMs: Float64Array.from(points, ([seconds]) => (NOW + seconds) * 1_000),
    values: Float64Array.from(points, ([, value]) => value),
  }
  const leftOut = fill(whisper, columns, NOW)
  const [fine, coarse] = whisper.header.archives.map((archive) => {
    const { startSeconds, stepSeconds, values } = fetchArchive(whisper, archive, {
      startSeconds: NOW - 3_600,
      endSeconds: NOW + archive.stepSeconds,
    })
    return [...values].flatMap((value, index) =>
      Number.isNaN(value) ? [] : [[startSeconds + index * stepSeconds - NOW, value]],
    )
  })
  return { leftOut, fine, coarse }
}

test('new points go into the finest archive, and what follows from them into the coarser one', () => {
  expect(
    filled([
      [-120, 1],
      [-60, 2],
      [0, 3],
    ]),
  ).toEqual({
    leftOut: 0,
    fine: [
      [-120, 1],
      [-60, 2],
      [0, 3],
    ],
    coarse: [
      [-300, 3],
      [0, 3],
    ],
  })
})

test('points that the finest archive does not reach are added up in the coarser one', () => {
  expect(
    filled([
      [-1_200, 1],
      [-1_140, 2],
      [-900, 5],
    ]),
  ).toEqual({
    leftOut: 0,
    fine: [],
    coarse: [
      [-1_200, 3],
      [-900, 5],
    ],
  })
})

test('a coarse value at the edge stays what it was, whatever the finer points behind it say', () => {
  for (const edge of [-600, -900]) {
    const behind = [120, 180].map((seconds) => [edge + seconds, 1] as const)
    const { coarse } = filled([[edge - 300, 40], [edge, 50], ...behind])
    expect(coarse?.slice(0, 2)).toEqual([
      [edge - 300, 40],
      [edge, 50],
    ])
  }
})

test('of a slot at the edge, of which a part is beyond it, all points count', () => {
  const points = [-720, -660, -600, -540, -480].map((seconds) => [seconds, 1] as const)
  expect(filled(points)).toMatchObject({
    fine: [
      [-540, 1],
      [-480, 1],
    ],
    coarse: [
      [-900, 2],
      [-600, 3],
    ],
  })
})

test('of points in one slot the last counts, also of those of one second', () => {
  expect(
    filled([
      [-60, 1],
      [-59.5, 2],
      [-30, 3],
    ]).fine,
  ).toEqual([[-60, 3]])
})

test('points that no archive reaches, and those that are ahead, are counted', () => {
  expect(
    filled([
      [-3_600, 1],
      [-3_599, 2],
      [0, 3],
      [1, 4],
    ]),
  ).toMatchObject({ leftOut: 2, fine: [[0, 3]] })
})

test('it is what comes of points that come one by one', () => {
  for (const method of ['average', 'sum', 'last', 'max', 'min'] as const) {
    const one = newFile(method, 0.5)
    const all = newFile(method, 0.5)
    const points = Array.from({ length: 9 }, (_, index) => ({
      seconds: NOW - 480 + index * 60,
      value: (index * 7) % 5,
    }))
    for (const point of points) update(one, point, point.seconds)
    fill(
      all,
      {
        timesMs: Float64Array.from(points, ({ seconds }) => seconds * 1_000),
        values: Float64Array.from(points, ({ value }) => value),
      },
      NOW,
    )
    expect(Buffer.compare(all.bytes, one.bytes)).toBe(0)
  }
})
