import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProtobufError, ProtobufReader } from './protobuf-reader.ts'
import { ProtobufWriter } from './protobuf-writer.ts'

function written(write: (writer: ProtobufWriter) => void): Uint8Array {
  const writer = new ProtobufWriter(16)
  write(writer)
  return writer.finish()
}

function firstOf(bytes: Uint8Array): ProtobufReader {
  const reader = new ProtobufReader(bytes)
  expect(reader.next()).toBe(true)
  return reader
}

const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex')

// As the published description of the encoding has them (protobuf.dev/programming-guides/encoding), and beyond.
describe.each<
  [string, string, (writer: ProtobufWriter) => void, (reader: ProtobufReader) => unknown, unknown]
>([
  ['a varint', '08 96 01', (w) => w.uint(1, 150), (r) => r.uint(), 150],
  ['text', '12 07 74657374696e67', (w) => w.text(2, 'testing'), (r) => r.text(), 'testing'],
  ['a message', '1a 03 08 96 01', (w) => w.message(3, () => w.uint(1, 150)), (r) => inner(r).uint(), 150],
  ['a negative int', '08 fe ff ff ff ff ff ff ff ff 01', (w) => w.int(1, -2), (r) => r.int(), -2],
  ['a zigzag', '08 03', (w) => w.sint(1, -2), (r) => r.sint(), -2],
  ['a double', '09 00 00 00 00 00 00 f8 3f', (w) => w.double(1, 1.5), (r) => r.double(), 1.5],
  ['true', '08 01', (w) => w.bool(1, true), (r) => r.bool(), true],
  [
    'packed numbers',
    '32 06 03 8e 02 9e a7 05',
    (w) => w.uints(6, [3, 270, 86942]),
    (r) => list((into) => r.uints(into)),
    [3, 270, 86942],
  ],
  [
    'packed zigzags',
    '0a 03 00 01 02',
    (w) => w.sints(1, [0, -1, 1]),
    (r) => list((into) => r.sints(into)),
    [0, -1, 1],
  ],
  [
    'a large field number',
    'f8 ff ff ff 0f 01',
    (w) => w.uint(2 ** 29 - 1, 1),
    (r) => [r.field, r.uint()],
    [2 ** 29 - 1, 1],
  ],
])('%s', (_what, bytes, write, read, value) => {
  test('is written', () =>
    expect(Buffer.from(written(write)).toString('hex')).toBe(bytes.replaceAll(' ', '')))
  test('is read', () => expect(read(firstOf(hex(bytes)))).toEqual(value))
})

function inner(reader: ProtobufReader): ProtobufReader {
  const message = reader.message()
  message.next()
  return message
}

function list(read: (into: number[]) => void): number[] {
  const into: number[] = []
  read(into)
  return into
}

describe('what is written is read', () => {
  const whole = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })

  test('numbers', () => {
    fc.assert(
      fc.property(whole, fc.maxSafeInteger(), fc.double(), (unsigned, signed, double) => {
        const reader = new ProtobufReader(
          written((writer) => {
            writer.uint(1, unsigned)
            writer.int(2, signed)
            writer.sint(3, Math.trunc(signed / 2))
            writer.double(4, double)
            writer.fixed64(5, BigInt(unsigned))
            writer.fixed64(6, BigInt.asUintN(64, BigInt(signed)))
          }),
        )
        reader.next()
        expect(reader.uint()).toBe(unsigned)
        reader.next()
        expect(reader.int()).toBe(signed)
        reader.next()
        expect(reader.sint()).toBe(Math.trunc(signed / 2) + 0)
        reader.next()
        expect(reader.double()).toBe(double)
        reader.next()
        expect(reader.fixed64()).toBe(unsigned)
        reader.next()
        expect(reader.sfixed64()).toBe(signed)
        expect(reader.next()).toBe(false)
      }),
    )
  })

  test('text, also where it is long, in messages in messages', () => {
    const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 100, maxLength: 600 }))
    fc.assert(
      fc.property(text, text, (outer, deep) => {
        const reader = firstOf(
          written((writer) =>
            writer.message(1, () => {
              writer.text(1, outer)
              writer.message(2, () => writer.message(3, () => writer.text(4, deep)))
            }),
          ),
        ).message()
        reader.next()
        expect(reader.text()).toBe(outer.toWellFormed())
        reader.next()
        expect(inner(inner(reader)).text()).toBe(deep.toWellFormed())
      }),
    )
  })

  test('lists, packed', () => {
    fc.assert(
      fc.property(fc.array(whole), fc.array(fc.double()), (wholes, doubles) => {
        const bytes = written((writer) => {
          writer.uints(1, wholes)
          writer.fixed64s(1, wholes)
          writer.doubles(1, doubles)
        })
        const reader = new ProtobufReader(bytes)
        if (wholes.length > 0) {
          reader.next()
          expect(list((into) => reader.uints(into))).toEqual(wholes)
          reader.next()
          expect(list((into) => reader.fixed64s(into))).toEqual(wholes)
        }
        if (doubles.length > 0) {
          reader.next()
          expect(list((into) => reader.doubles(into))).toEqual(doubles)
        }
      }),
    )
  })
})

test('a list that is not packed is read one by one', () => {
  const reader = new ProtobufReader(hex('08 01 08 02'))
  const into: number[] = []
  while (reader.next()) reader.uints(into)
  expect(into).toEqual([1, 2])
})

test('fields that nobody knows are skipped', () => {
  const reader = new ProtobufReader(hex('08 96 01  11 0000000000000000  1a 02 ff ff  25 00000000  28 07'))
  while (reader.next() && reader.field !== 5) reader.skip()
  expect(reader.uint()).toBe(7)
})

describe('what is no message is refused', () => {
  test.each([
    ['00 00', 'a field has no number'],
    ['08', 'it is cut short'],
    ['08 80', 'it is cut short'],
    ['08 80 80 80 80 80 80 80 80 80 80 01', 'a number has more than ten bytes'],
    ['09 00', 'it is cut short'],
    ['0a ff ff ff ff ff ff ff ff 7f', 'it is cut short'],
    ['0a 05 00', 'it is cut short'],
    ['0b', 'a field is of wire type 3'],
    ['0f', 'a field is of wire type 7'],
    ['f8 ff ff ff 7f 00', 'a field has no number'],
  ])('%s: %s', (bytes, reason) => {
    const read = (): void => {
      const reader = new ProtobufReader(hex(bytes))
      while (reader.next()) reader.skip()
    }
    expect(read).toThrow(ProtobufError)
    expect(read).toThrow(reason)
  })

  test.each<[string, (reader: ProtobufReader) => unknown]>([
    ['0a 01 00', (reader) => reader.uint()],
    ['08 01', (reader) => reader.text()],
    ['08 01', (reader) => reader.message()],
    ['08 01', (reader) => reader.double()],
    ['0a 03 00 00 00', (reader) => reader.doubles([])],
    ['0a 02 80 80', (reader) => reader.uints([])],
  ])('%s as something else', (bytes, read) => {
    expect(() => read(firstOf(hex(bytes)))).toThrow(ProtobufError)
  })

  test('whatever it is, it ends', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const reader = new ProtobufReader(bytes)
        try {
          while (reader.next()) reader.skip()
        } catch (error) {
          expect(error).toBeInstanceOf(ProtobufError)
        }
      }),
    )
  })
})
