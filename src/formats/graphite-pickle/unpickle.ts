import { decodeLatin1, decodeUtf8 } from '../decode-text.ts'

/** What pickles of plain values hold. Lists and tuples are arrays; a list may hold itself, so nothing here follows them down. */
export type PickledValue = string | number | boolean | null | readonly PickledValue[]

/**
 * Reads the pickle `bytes[start..end)`: a program for a small machine with a stack, of which only those instructions are
 * known that make text, numbers, lists and tuples. There is none among them that names a class or calls anything.
 *
 *   28 5d   58 01 00 00 00 61   4b 07   86   65   2e
 *   (  ]    X "a"               K 7     86   e    .        makes [("a", 7)]: mark, list, text, number, pair, append, stop
 *
 * These are the instructions of protocols 0 to 2, and those of 3 to 5 that Python uses for such values. Returns undefined for a pickle that
 * asks for anything else, is cut off or makes no sense. Each instruction takes up memory for one value at most.
 */
export function unpickle(bytes: Uint8Array, start: number, end: number): PickledValue | undefined {
  return new Machine(bytes, start, end).run()
}

type Instruction = (machine: Machine) => boolean

const STOP = 0x2e
/** Digits of an integer that is written out. Python writes longer ones, but no double holds them. */
const MOST_DIGITS = 400
/** Bytes of an integer. The rest of what this would be is no double either. */
const MOST_INTEGER_BYTES = 130
const HIGHEST_PROTOCOL = 5

class Machine {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #end: number
  #at: number
  readonly #stack: PickledValue[] = []
  /** How deep the stack was at each mark that is open. */
  readonly #marks: number[] = []
  readonly #memo = new Map<number, PickledValue>()

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#at = start
    this.#end = end
  }

  run(): PickledValue | undefined {
    while (this.#at < this.#end) {
      const code = this.#bytes[this.#at++] ?? 0
      if (code === STOP) return this.#stack.pop()
      if (INSTRUCTIONS[code]?.(this) !== true) return undefined
    }
    return undefined
  }

  push(value: PickledValue): true {
    this.#stack.push(value)
    return true
  }

  pop(): boolean {
    return this.#stack.pop() !== undefined
  }

  duplicate(): boolean {
    const top = this.#stack.at(-1)
    return top !== undefined && this.push(top)
  }

  mark(): true {
    this.#marks.push(this.#stack.length)
    return true
  }

  popMark(): boolean {
    return this.#takeFromMark() !== undefined
  }

  /** A list or a tuple of what lies above the mark. */
  gather(): boolean {
    const values = this.#takeFromMark()
    return values !== undefined && this.push(values)
  }

  /** A tuple of the top of the stack. */
  tuple(length: number): boolean {
    if (this.#stack.length < length) return false
    return this.push(this.#stack.splice(this.#stack.length - length, length))
  }

  append(): boolean {
    const value = this.#stack.pop()
    return value !== undefined && this.#appendTo(this.#stack.at(-1), [value])
  }

  appendAll(): boolean {
    const values = this.#takeFromMark()
    return values !== undefined && this.#appendTo(this.#stack.at(-1), values)
  }

  remember(place: number | undefined): boolean {
    const top = this.#stack.at(-1)
    if (place === undefined || top === undefined) return false
    this.#memo.set(place, top)
    return true
  }

  rememberNext(): boolean {
    return this.remember(this.#memo.size)
  }

  recall(place: number | undefined): boolean {
    const value = place === undefined ? undefined : this.#memo.get(place)
    return value !== undefined && this.push(value)
  }

  /** An argument of one, two, four or eight bytes, little endian; undefined: the pickle is cut off. */
  unsigned(size: 1 | 2 | 4 | 8): number | undefined {
    const at = this.#pass(size)
    if (at === undefined) return undefined
    if (size === 1) return this.#view.getUint8(at)
    if (size === 2) return this.#view.getUint16(at, true)
    if (size === 4) return this.#view.getUint32(at, true)
    return Number(this.#view.getBigUint64(at, true))
  }

  signed32(): boolean {
    const at = this.#pass(4)
    return at !== undefined && this.push(this.#view.getInt32(at, true))
  }

  float64(): boolean {
    const at = this.#pass(8)
    return at !== undefined && this.push(this.#view.getFloat64(at, false))
  }

  /** Two's complement, little endian, of so many bytes. */
  integer(size: number | undefined): boolean {
    if (size === undefined || size > MOST_INTEGER_BYTES) return false
    const at = this.#pass(size)
    if (at === undefined) return false
    let digits = ''
    for (let place = at + size - 1; place >= at; place--)
      digits += this.#view.getUint8(place).toString(16).padStart(2, '0')
    return this.push(digits === '' ? 0 : Number(BigInt.asIntN(8 * size, BigInt(`0x${digits}`))))
  }

  /** So many bytes of UTF-8. Text of Python 2 and bytes of Python 3 are read as such too. */
  text(size: number | undefined): boolean {
    const at = size === undefined ? undefined : this.#pass(size)
    return at !== undefined && this.push(decodeUtf8(this.#bytes, at, this.#at))
  }

  /** What stands before the next LF, one character for each byte. */
  line(): string | undefined {
    const lineFeed = this.#bytes.indexOf(0x0a, this.#at)
    if (lineFeed < 0 || lineFeed >= this.#end) return undefined
    const text = decodeLatin1(this.#bytes, this.#at, lineFeed)
    this.#at = lineFeed + 1
    return text
  }

  /** Where the bytes are that are passed over. */
  #pass(size: number): number | undefined {
    if (size > this.#end - this.#at) return undefined
    const at = this.#at
    this.#at += size
    return at
  }

  #takeFromMark(): PickledValue[] | undefined {
    const depth = this.#marks.pop()
    if (depth === undefined || depth > this.#stack.length) return undefined
    return this.#stack.splice(depth)
  }

  #appendTo(list: PickledValue | undefined, values: readonly PickledValue[]): boolean {
    if (!Array.isArray(list)) return false
    for (const value of values) list.push(value)
    return true
  }
}

/** A number that is written out, as `I`, `L` and the places of the memo have it; undefined: it is none. */
function readDigits(text: string | undefined): number | undefined {
  if (text === undefined || text.length > MOST_DIGITS || !/^[+-]?\d+L?$/.test(text)) return undefined
  return Number.parseFloat(text)
}

function pushDigits(machine: Machine): boolean {
  const number = readDigits(machine.line())
  return number !== undefined && machine.push(number)
}

/** `I01` and `I00` are True and False. */
function pushInt(machine: Machine): boolean {
  const text = machine.line()
  if (text === '01' || text === '00') return machine.push(text === '01')
  const number = readDigits(text)
  return number !== undefined && machine.push(number)
}

/** As Python's repr writes it, `inf` and `nan` too. */
function pushFloat(machine: Machine): boolean {
  const text = machine.line()
  if (text === undefined || text.length > MOST_DIGITS) return false
  const special = /^([+-])?(inf|nan)$/.exec(text)
  if (special !== null) {
    if (special[2] === 'nan') return machine.push(Number.NaN)
    return machine.push(special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY)
  }
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return false
  return machine.push(Number(text))
}

/** `'a\x62'`: text of Python 2 with its quotation marks and escapes. Bytes beyond ASCII are UTF-8. */
function pushQuoted(machine: Machine): boolean {
  const text = machine.line()?.trim()
  const quotation = text === undefined ? null : /^(['"])(.*)\1$/s.exec(text)
  if (quotation === null) return false
  const unescaped = quotation[2]?.replace(
    /\\(?:x([0-9a-f]{2})|([0-7]{1,3})|([^]))/gi,
    (whole: string, hexadecimal?: string, octal?: string, letter?: string) => {
      if (hexadecimal !== undefined) return String.fromCharCode(Number.parseInt(hexadecimal, 16))
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff)
      return ESCAPES.get(letter ?? '') ?? whole
    },
  )
  return machine.push(Buffer.from(unescaped ?? '', 'latin1').toString('utf8'))
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['a', '\u0007'],
  ['b', '\b'],
  ['f', '\f'],
  ['v', '\v'],
])

/** Characters beyond Latin-1, line feeds and backslashes are escaped: `\u20ac`, `\U0001f600`. */
function pushUnicodeLine(machine: Machine): boolean {
  const text = machine.line()
  if (text === undefined) return false
  const unescaped = text.replace(
    /\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g,
    (whole: string, short?: string, long?: string) => {
      const codePoint = Number.parseInt(short ?? long ?? '', 16)
      return codePoint > 0x10_ffff ? whole : String.fromCodePoint(codePoint)
    },
  )
  return machine.push(unescaped)
}

/** By their codes; what is not here is refused. The names are those of Python's pickletools. */
const INSTRUCTIONS: Readonly<Record<number, Instruction>> = {
  // Protocol 0
  0x28: (machine) => machine.mark(), //                          ( MARK
  0x30: (machine) => machine.pop(), //                           0 POP
  0x32: (machine) => machine.duplicate(), //                     2 DUP
  0x46: pushFloat, //                                            F FLOAT
  0x49: pushInt, //                                              I INT
  0x4c: pushDigits, //                                           L LONG
  0x4e: (machine) => machine.push(null), //                      N NONE
  0x53: pushQuoted, //                                           S STRING
  0x56: pushUnicodeLine, //                                      V UNICODE
  0x61: (machine) => machine.append(), //                        a APPEND
  0x67: (machine) => machine.recall(readDigits(machine.line())), //    g GET
  0x6c: (machine) => machine.gather(), //                        l LIST
  0x70: (machine) => machine.remember(readDigits(machine.line())), //  p PUT
  0x74: (machine) => machine.gather(), //                        t TUPLE
  // Protocol 1
  0x29: (machine) => machine.push([]), //                        ) EMPTY_TUPLE
  0x31: (machine) => machine.popMark(), //                       1 POP_MARK
  0x47: (machine) => machine.float64(), //                       G BINFLOAT
  0x4a: (machine) => machine.signed32(), //                      J BININT
  0x4b: (machine) => pushUnsigned(machine, 1), //                K BININT1
  0x4d: (machine) => pushUnsigned(machine, 2), //                M BININT2
  0x54: (machine) => machine.text(machine.unsigned(4)), //       T BINSTRING
  0x55: (machine) => machine.text(machine.unsigned(1)), //       U SHORT_BINSTRING
  0x58: (machine) => machine.text(machine.unsigned(4)), //       X BINUNICODE
  0x5d: (machine) => machine.push([]), //                        ] EMPTY_LIST
  0x65: (machine) => machine.appendAll(), //                     e APPENDS
  0x68: (machine) => machine.recall(machine.unsigned(1)), //     h BINGET
  0x6a: (machine) => machine.recall(machine.unsigned(4)), //     j LONG_BINGET
  0x71: (machine) => machine.remember(machine.unsigned(1)), //   q BINPUT
  0x72: (machine) => machine.remember(machine.unsigned(4)), //   r LONG_BINPUT
  // Protocol 2
  0x80: (machine) => isKnownProtocol(machine.unsigned(1)), //    PROTO
  0x85: (machine) => machine.tuple(1), //                        TUPLE1
  0x86: (machine) => machine.tuple(2), //                        TUPLE2
  0x87: (machine) => machine.tuple(3), //                        TUPLE3
  0x88: (machine) => machine.push(true), //                      NEWTRUE
  0x89: (machine) => machine.push(false), //                     NEWFALSE
  0x8a: (machine) => machine.integer(machine.unsigned(1)), //    LONG1
  0x8b: (machine) => machine.integer(machine.unsigned(4)), //    LONG4
  // Protocol 3
  0x42: (machine) => machine.text(machine.unsigned(4)), //       B BINBYTES
  0x43: (machine) => machine.text(machine.unsigned(1)), //       C SHORT_BINBYTES
  // Protocol 4
  0x8c: (machine) => machine.text(machine.unsigned(1)), //       SHORT_BINUNICODE
  0x8d: (machine) => machine.text(machine.unsigned(8)), //       BINUNICODE8
  0x8e: (machine) => machine.text(machine.unsigned(8)), //       BINBYTES8
  0x94: (machine) => machine.rememberNext(), //                  MEMOIZE
  0x95: (machine) => machine.unsigned(8) !== undefined, //       FRAME, which says how much may be read at once
}

function pushUnsigned(machine: Machine, size: 1 | 2): boolean {
  const number = machine.unsigned(size)
  return number !== undefined && machine.push(number)
}

function isKnownProtocol(protocol: number | undefined): boolean {
  return protocol !== undefined && protocol <= HIGHEST_PROTOCOL
}
