import { describe, expect, test } from 'vitest'
import { ByteBody } from './byte-body.ts'
import { encodeMsgpack } from './msgpack.ts'
import { encodePickle } from './pickle.ts'
import { ENCODED_VALUES } from './testdata/encoded-values.ts'

const options = { maxBytes: 1_000_000 }
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe.each(ENCODED_VALUES)('%j', (value, pickle, msgpack) => {
  test('as pickle', () => {
    expect(hex(encodePickle(value, options))).toBe(pickle)
  })

  test('as MessagePack', () => {
    expect(hex(encodeMsgpack(value, options))).toBe(msgpack)
  })
})

const lengths: [what: string, value: string | number[] | Float64Array, head: string][] = [
  ['a text of 255 bytes', 'x'.repeat(255), 'd9ff'],
  ['a text of 256 bytes', 'x'.repeat(256), 'da0100'],
  ['a text of 65,536 bytes', 'x'.repeat(65_536), 'db00010000'],
  ['a list of 15', Array.from({ length: 15 }, () => 1), '9f01'],
  ['a list of 16', Array.from({ length: 16 }, () => 1), 'dc001001'],
  ['65,536 numbers', new Float64Array(65_536), 'dd00010000cb'],
]
test.each(lengths)('MessagePack says how long %s is', (_what, value, head) => {
  expect(hex(encodeMsgpack(value, options)).slice(0, head.length)).toBe(head)
})

test('a record of 16 says so', () => {
  const record = Object.fromEntries(Array.from({ length: 16 }, (_value, index) => [`k${index}`, index]))
  expect(hex(encodeMsgpack(record, options)).slice(0, 6)).toBe('de0010')
})

describe.each([
  ['pickle', encodePickle],
  ['MessagePack', encodeMsgpack],
] as const)('%s', (_name, encode) => {
  test('ends at its limit', () => {
    expect(() => encode(new Float64Array(1000), { maxBytes: 1000 })).toThrow(
      expect.objectContaining({ code: 'answer-too-large' }) as Error,
    )
  })

  test('owns its memory', () => {
    const bytes = encode(['a'], options)
    expect(bytes.buffer.byteLength).toBe(bytes.byteLength)
  })

  test('carries infinities, which are no null', () => {
    expect(hex(encode(new Float64Array([Number.POSITIVE_INFINITY]), options))).toContain('7ff0000000000000')
  })
})

test('a body that grows keeps what it has', () => {
  const body = new ByteBody(10_000)
  for (let index = 0; index < 3_000; index++) body.byte(index & 0xff)
  expect(body.toBytes()).toEqual(Uint8Array.from({ length: 3_000 }, (_value, index) => index & 0xff))
})
