import { ByteBody } from './byte-body.ts'
import type { PlainValue } from './plain-value.ts'

/** A value as MessagePack: https://github.com/msgpack/msgpack/blob/master/spec.md. Throws the KymoError `answer-too-large`. */
export function encodeMsgpack(value: PlainValue, options: { maxBytes: number }): Uint8Array {
  const body = new ByteBody(options.maxBytes)
  addValue(body, value)
  return body.toBytes()
}

const NIL = 0xc0
const FALSE = 0xc2
const TRUE = 0xc3
const FLOAT_64 = 0xcb
const INT_64 = 0xd3

/** How a length is written: in the byte itself while it is small, then behind one of 8 (texts only), 16 and 32 bits. */
const TEXT = { small: 0xa0, smallBelow: 32, bits8: 0xd9, bits16: 0xda, bits32: 0xdb }
const LIST = { small: 0x90, smallBelow: 16, bits8: undefined, bits16: 0xdc, bits32: 0xdd }
const RECORD = { small: 0x80, smallBelow: 16, bits8: undefined, bits16: 0xde, bits32: 0xdf }

const encoder = new TextEncoder()

function addValue(body: ByteBody, value: PlainValue): void {
  if (value === null) body.byte(NIL)
  else if (typeof value === 'boolean') body.byte(value ? TRUE : FALSE)
  else if (typeof value === 'number') addNumber(body, value)
  else if (typeof value === 'string') addText(body, value)
  else if (value instanceof Float64Array) addFloats(body, value)
  else if (isList(value)) addList(body, value)
  else addRecord(body, value)
}

function addNumber(body: ByteBody, value: number): void {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    addFloat(body, value)
  } else if (value >= 0 && value < 128) {
    body.byte(value)
  } else {
    body.byte(INT_64)
    body.signed(BigInt(value), 'big')
  }
}

function addFloat(body: ByteBody, value: number): void {
  body.byte(FLOAT_64)
  body.double(value)
}

function addText(body: ByteBody, text: string): void {
  const bytes = encoder.encode(text)
  addLength(body, bytes.length, TEXT)
  body.bytes(bytes)
}

function addFloats(body: ByteBody, values: Float64Array): void {
  addLength(body, values.length, LIST)
  for (const value of values) {
    if (Number.isNaN(value)) body.byte(NIL)
    else addFloat(body, value)
  }
}

function addList(body: ByteBody, list: readonly PlainValue[]): void {
  addLength(body, list.length, LIST)
  for (const value of list) addValue(body, value)
}

function addRecord(body: ByteBody, record: { readonly [key: string]: PlainValue }): void {
  const entries = Object.entries(record)
  addLength(body, entries.length, RECORD)
  for (const [key, value] of entries) {
    addText(body, key)
    addValue(body, value)
  }
}

function addLength(body: ByteBody, length: number, form: typeof TEXT | typeof LIST | typeof RECORD): void {
  if (length < form.smallBelow) {
    body.byte(form.small | length)
  } else if (length < 0x100 && form.bits8 !== undefined) {
    body.byte(form.bits8)
    body.byte(length)
  } else if (length < 0x1_0000) {
    body.byte(form.bits16)
    body.unsigned(length, 2, 'big')
  } else {
    body.byte(form.bits32)
    body.unsigned(length, 4, 'big')
  }
}

function isList(value: PlainValue): value is readonly PlainValue[] {
  return Array.isArray(value)
}
