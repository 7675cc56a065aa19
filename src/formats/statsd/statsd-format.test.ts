import { expect, test } from 'vitest'
import { createStatsdFormat } from './statsd-format.ts'

test('reconfigured, it reads the next line in the other dialect and within the other limits', () => {
  const samples: (string | number | boolean)[][] = []
  const out = {
    packet() {},
    point() {},
    event() {},
    sample: ({ key, value, isDelta }: { key: string; value: number; isDelta: boolean }) =>
      samples.push([key, value, isDelta]),
  }
  const format = createStatsdFormat()
  const decode = (line: string) => {
    const bytes = Buffer.from(line)
    return format.decodeLine(bytes, 0, bytes.length, 0, out)
  }
  expect([decode('a.b:+1|g'), decode('a.b:+1|g'), decode('a.b.c:1|c')]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  format.reconfigure({ profile: 'dogstatsd', limits: { nameNodes: 2 } })
  expect([decode('a.b:+1|g'), decode('a.b.c:1|c')]).toEqual([undefined, 'too_many_nodes'])
  format.reconfigure({})
  expect(decode('a.b.c:1|c')).toBeUndefined()
  expect(samples).toEqual([
    ['a.b', 1, true],
    ['a.b', 1, true],
    ['a.b.c', 1, false],
    ['a.b', 1, false],
    ['a.b.c', 1, false],
  ])
})
