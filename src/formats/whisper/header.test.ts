import { expect, test } from 'vitest'
import { Random } from '../../../test/harness/random.ts'
import { bytesInMemory } from './file-bytes.ts'
import { decodeHeader, encodeHeader, MOST_HEADER_BYTES } from './header.ts'
import { readRing } from './ring.ts'

const ARCHIVES = [
  { stepSeconds: 10, points: 6 },
  { stepSeconds: 60, points: 10 },
]

function newFile(): Uint8Array<ArrayBuffer> {
  const encoded = encodeHeader({ archives: ARCHIVES, method: 'sum', xFilesFactor: 0.5 })
  if ('problem' in encoded) throw new Error(encoded.problem)
  const bytes = new Uint8Array(encoded.fileBytes)
  bytes.set(encoded.bytes)
  return bytes
}

function problemOf(bytes: Uint8Array): string | undefined {
  const header = decodeHeader(bytes.subarray(0, MOST_HEADER_BYTES), bytes.length)
  return 'problem' in header ? header.problem : undefined
}

/** With an unsigned number of 32 bits at an offset replaced. */
function withNumber(offset: number, value: number): Uint8Array {
  const bytes = newFile()
  new DataView(bytes.buffer).setUint32(offset, value)
  return bytes
}

test('a header comes back as it was written', () => {
  expect(decodeHeader(newFile(), 232)).toEqual({
    method: 'sum',
    maxRetentionSeconds: 600,
    xFilesFactor: 0.5,
    archives: [
      { offsetBytes: 40, stepSeconds: 10, points: 6 },
      { offsetBytes: 112, stepSeconds: 60, points: 10 },
    ],
  })
})

test.each([
  ['nothing', new Uint8Array(), 'it is empty'],
  ['a word', Buffer.from('hello'), 'it ends at byte 5, within the header'],
  ['half a header', newFile().subarray(0, 39), 'it ends at byte 39, within the header'],
  ['half an archive', newFile().subarray(0, 200), 'it ends at byte 200, and its archive of 60 s at byte 232'],
  [
    'text',
    Buffer.from('#!/bin/sh\necho hello\n'),
    'there is no aggregation method 589377378: this is no whisper file',
  ],
  [
    "go-carbon's own",
    Buffer.from('whisper_compressed\x01 and so on'),
    'it is one of the compressed files of go-carbon, which only go-carbon reads',
  ],
  ['method 0', withNumber(0, 0), 'there is no aggregation method 0: this is no whisper file'],
  ['method 9', withNumber(0, 9), 'there is no aggregation method 9: this is no whisper file'],
  ['a factor of 2', withNumber(8, 0x40000000), 'its xFilesFactor is 2, which is not from 0 to 1'],
  ['no factor', withNumber(8, 0x7fc00000), 'its xFilesFactor is NaN, which is not from 0 to 1'],
  ['no archives', withNumber(12, 0), 'it says that it has 0 archives'],
  ['absurdly many archives', withNumber(12, 0xffffffff), 'it says that it has 4294967295 archives'],
  ['a step of nothing', withNumber(20, 0), 'a step of 0 s is none'],
  ['an empty archive', withNumber(24, 0), 'steps of 10 s are kept for less than one step'],
  [
    'absurdly many points',
    withNumber(36, 0xffffffff),
    '4294967295 steps of 60 s are longer than 4294967295 s, the most a file can say',
  ],
  [
    'more points than bytes',
    withNumber(36, 1_000_000),
    'it ends at byte 232, and its archive of 60 s at byte 12000112',
  ],
  [
    'archives in each other',
    withNumber(28, 100),
    'its archive of 60 s begins at byte 100, within what is before it',
  ],
  [
    'archives in the header',
    withNumber(16, 8),
    'its archive of 10 s begins at byte 8, within what is before it',
  ],
  ['a retention of its own', withNumber(4, 9), 'it says that it reaches back 9 s, and its archives 600 s'],
] as [string, Uint8Array, string][])('%s is refused in words', (_what, bytes, problem) => {
  expect(problemOf(bytes)).toBe(problem)
})

test('a file that would be too large, or whose archives do not fit together, is not made', () => {
  const settings = { method: 'sum', xFilesFactor: 0 } as const
  expect(encodeHeader({ archives: [{ stepSeconds: 1, points: 400_000_000 }], ...settings })).toEqual({
    problem: 'it would be 4800000028 bytes large; a whisper file has 4 GiB at most',
  })
  expect(encodeHeader({ archives: [], ...settings })).toEqual({ problem: 'there has to be an archive' })
})

test('whatever stands in a file, reading it ends well', () => {
  const random = new Random(7)
  let readable = 0
  for (let round = 0; round < 5_000; round++) {
    const bytes = newFile()
    for (let changes = random.between(1, 3); changes > 0; changes--)
      bytes[random.below(round % 2 === 0 ? 40 : bytes.length)] = random.below(256)
    const header = decodeHeader(bytes.subarray(0, MOST_HEADER_BYTES), bytes.length)
    if ('problem' in header) continue
    readable++
    for (const archive of header.archives) {
      const { stepSeconds } = archive
      const end = Math.floor(2_000_000_000 / stepSeconds) * stepSeconds
      const { count } = readRing({ archive, file: bytesInMemory(bytes) }, 0, end)
      expect(count).toBeLessThanOrEqual(archive.points)
    }
  }
  expect(readable).toBeGreaterThan(500)
})

test('a file that becomes shorter while it is read has the points that are left', () => {
  const bytes = newFile()
  const view = new DataView(bytes.buffer)
  for (let slot = 0; slot < 6; slot++) {
    view.setUint32(40 + slot * 12, 1000 + slot * 10)
    view.setFloat64(44 + slot * 12, slot)
  }
  const archive = { offsetBytes: 40, stepSeconds: 10, points: 6 }
  const { count, values } = readRing({ archive, file: bytesInMemory(bytes.subarray(0, 90)) }, 1000, 1060)
  expect([...values.subarray(0, count)]).toEqual([0, 1, 2, 3])
})

test('values that are no finite numbers are no points', () => {
  const bytes = newFile()
  const view = new DataView(bytes.buffer)
  for (const [slot, value] of [
    1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    -0,
  ].entries()) {
    view.setUint32(40 + slot * 12, 1000 + slot * 10)
    view.setFloat64(44 + slot * 12, value)
  }
  const archive = { offsetBytes: 40, stepSeconds: 10, points: 6 }
  const { count, seconds, values } = readRing({ archive, file: bytesInMemory(bytes) }, 1000, 1060)
  expect([...seconds.subarray(0, count)]).toEqual([1000, 1040])
  expect([...values.subarray(0, count)]).toEqual([1, -0])
})
