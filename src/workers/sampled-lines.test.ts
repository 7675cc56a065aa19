import { expect, test } from 'vitest'
import type { LineSample } from '../model/line-sample.ts'
import { SampledLines } from './sampled-lines.ts'

const SAMPLE: LineSample = {
  listener: 'statsd-udp',
  line: 'a:1|c',
  sender: '127.0.0.1:1',
  atMs: 1,
  outcome: 'metric',
  metrics: [{ key: 'a', type: 'counter' }],
  reason: null,
}

function idsAfter(lines: SampledLines, id: number): number[] {
  return lines.after(id).lines.map((line) => line.id)
}

test('who asks again gets what came since, and somebody from before a restart all', () => {
  const lines = new SampledLines()
  expect(lines.after(0)).toEqual({ lines: [], lastId: 0 })
  for (let count = 0; count < 3; count++) lines.add(SAMPLE)
  expect(idsAfter(lines, 0)).toEqual([1, 2, 3])
  expect(idsAfter(lines, 2)).toEqual([3])
  expect(lines.after(3)).toEqual({ lines: [], lastId: 3 })
  expect(idsAfter(lines, 4)).toEqual([1, 2, 3])
})

test('the newest 500 are remembered', () => {
  const lines = new SampledLines()
  for (let count = 0; count < 700; count++) lines.add(SAMPLE)
  const ids = idsAfter(lines, 0)
  expect([ids.length, ids[0], ids.at(-1)]).toEqual([500, 201, 700])
})
