import {
  createStatsdFormat,
  graphitePlaintextFormat,
  type StatsdProfile,
} from '../../../src/formats/index.ts'
import { cutLines } from './cut-lines.ts'

/** What a decoder by itself makes of bytes, with nothing in between that could go wrong. */
export interface Foretold {
  readonly lines: number
  /** Of those. */
  readonly accepted: number
}

/** What a server that speaks `dialect` has to make of a datagram, a frame or a whole stream. */
export type Foretell = (bytes: Uint8Array) => Foretold

export type Dialect = StatsdProfile | 'graphite'

export function createForetell(dialect: Dialect): Foretell {
  const format = dialect === 'graphite' ? graphitePlaintextFormat : createStatsdFormat({ profile: dialect })
  const nowMs = Date.now()
  const isAccepted = (line: Uint8Array): boolean =>
    line.length <= format.maxLineBytes && format.decodeLine(line, 0, line.length, nowMs, OUT) === undefined
  return (bytes) => {
    const lines = cutLines(bytes)
    return { lines: lines.length, accepted: lines.filter(isAccepted).length }
  }
}

export const NOTHING: Foretold = { lines: 0, accepted: 0 }
/** What breaks a frame, and half of one. */
export const ONE_REJECTED: Foretold = { lines: 1, accepted: 0 }

export function add(a: Foretold, b: Foretold): Foretold {
  return { lines: a.lines + b.lines, accepted: a.accepted + b.accepted }
}

const nothing = (): void => undefined
const OUT = { packet: nothing, sample: nothing, point: nothing, event: nothing }
