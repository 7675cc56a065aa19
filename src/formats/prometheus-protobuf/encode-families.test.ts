import { expect, test } from 'vitest'
import { ProtobufReader } from '../../lib/protobuf-reader.ts'
import { formatLabels, type Label, type MetricFamily } from '../../model/metric-family.ts'
import { bucketSpans } from './bucket-spans.ts'
import { encodeFamilies } from './encode-families.ts'

test('buckets that follow each other are one span, and counts are told by their differences', () => {
  const buckets = new Map([
    [7, 2],
    [-3, 5],
    [-2, 1],
    [8, 2],
  ])
  expect(bucketSpans(buckets)).toEqual({
    spans: [
      { offset: -3, length: 2 },
      { offset: 8, length: 2 },
    ],
    deltas: [5, -4, 1, 0],
  })
})

test('a family as bytes', () => {
  const labels: readonly Label[] = [['a', 'b']]
  const family: MetricFamily = {
    name: 'n',
    type: 'counter',
    help: 'h',
    series: [{ labels, labelsText: formatLabels(labels), value: 1 }],
  }
  const [piece] = encodeFamilies([family])
  // Length, name, help, type, then the metric with its label and its counter.
  const wanted = '1d' + '0a016e' + '120168' + '1800' + '2213' + '0a060a0161120162' + '1a0909000000000000f03f'
  expect(Buffer.from(piece ?? []).toString('hex')).toBe(wanted)
})

test('a family of many series is sent in several messages', () => {
  const series = Array.from({ length: 5_000 }, (_, value) => ({
    labels: [['index', String(value)]] as const,
    labelsText: `index="${value}"`,
    value,
  }))
  const bytes = Buffer.concat([...encodeFamilies([{ name: 'many', type: 'gauge', help: '', series }])])
  let messages = 0
  let count = 0
  for (let at = 0; at < bytes.length; ) {
    let length = 0
    let shift = 0
    for (; (bytes[at] ?? 0) > 0x7f; shift += 7) length += ((bytes[at++] ?? 0) & 0x7f) << shift
    length += (bytes[at++] ?? 0) << shift
    const reader = new ProtobufReader(bytes.subarray(at, at + length))
    at += length
    messages += 1
    while (reader.next()) {
      if (reader.field === 4) count += 1
      reader.skip()
    }
  }
  expect(messages).toBeGreaterThan(1)
  expect(count).toBe(5_000)
})
