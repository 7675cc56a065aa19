import { ByteBody } from './byte-body.ts'
import type { PlainValue } from './plain-value.ts'

/**
 * A value as Python's pickle, protocol 2, which every Python since 2.3 reads:
 *
 *   {"a": [1]}   80 02   } (   X 01000000 61   ] ( K 01 e   u   .
 *                proto   dict  "a"             list of 1    set  stop
 *
 * Nothing in it names a class, so that reading it runs no code. Throws the KymoError `answer-too-large`.
 */
export function encodePickle(value: PlainValue, options: { maxBytes: number }): Uint8Array {
  const body = new ByteBody(options.maxBytes)
  body.byte(OP.PROTO)
  body.byte(2)
  addValue(body, value)
  body.byte(OP.STOP)
  return body.toBytes()
}

const OP = {
  PROTO: 0x80,
  STOP: 0x2e,
  NONE: 0x4e,
  NEWTRUE: 0x88,
  NEWFALSE: 0x89,
  BININT1: 0x4b,
  LONG1: 0x8a,
  BINFLOAT: 0x47,
  BINUNICODE: 0x58,
  MARK: 0x28,
  EMPTY_LIST: 0x5d,
  APPENDS: 0x65,
  EMPTY_DICT: 0x7d,
  SETITEMS: 0x75,
} as const

const encoder = new TextEncoder()

function addValue(body: ByteBody, value: PlainValue): void {
  if (value === null) body.byte(OP.NONE)
  else if (typeof value === 'boolean') body.byte(value ? OP.NEWTRUE : OP.NEWFALSE)
  else if (typeof value === 'number') addNumber(body, value)
  else if (typeof value === 'string') addText(body, value)
  else if (value instanceof Float64Array) addFloats(body, value)
  else if (isList(value)) addList(body, value)
  else addRecord(body, value)
}

function addNumber(body: ByteBody, value: number): void {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    addFloat(body, value)
  } else if (value >= 0 && value < 256) {
    body.byte(OP.BININT1)
    body.byte(value)
  } else {
    body.byte(OP.LONG1)
    body.byte(8)
    body.signed(BigInt(value), 'little')
  }
}

function addFloat(body: ByteBody, value: number): void {
  body.byte(OP.BINFLOAT)
  body.double(value)
}

function addText(body: ByteBody, text: string): void {
  const bytes = encoder.encode(text)
  body.byte(OP.BINUNICODE)
  body.unsigned(bytes.length, 4, 'little')
  body.bytes(bytes)
}

function addFloats(body: ByteBody, values: Float64Array): void {
  body.byte(OP.EMPTY_LIST)
  body.byte(OP.MARK)
  for (const value of values) {
    if (Number.isNaN(value)) body.byte(OP.NONE)
    else addFloat(body, value)
  }
  body.byte(OP.APPENDS)
}

function addList(body: ByteBody, list: readonly PlainValue[]): void {
  body.byte(OP.EMPTY_LIST)
  body.byte(OP.MARK)
  for (const value of list) addValue(body, value)
  body.byte(OP.APPENDS)
}

function addRecord(body: ByteBody, record: { readonly [key: string]: PlainValue }): void {
  body.byte(OP.EMPTY_DICT)
  body.byte(OP.MARK)
  for (const [key, value] of Object.entries(record)) {
    addText(body, key)
    addValue(body, value)
  }
  body.byte(OP.SETITEMS)
}

function isList(value: PlainValue): value is readonly PlainValue[] {
  return Array.isArray(value)
}
