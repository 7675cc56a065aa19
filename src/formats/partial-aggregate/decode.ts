import {
  type CounterColumns,
  type GaugeColumns,
  isTypeCode,
  type NameColumns,
  type PartialAggregate,
  type SetColumns,
  type TimerColumns,
} from '../../model/partial-aggregate.ts'
import { HIGHEST_REGISTER, REGISTER_COUNT, type SetRegisterColumns } from '../../model/set-registers.ts'
import { ByteReader } from './byte-reader.ts'
import { checksum } from './checksum.ts'
import { DamagedPartialError } from './damage.ts'
import { CRC_OFFSET, HEADER_BYTES, MAGIC, SECTIONS, VERSION } from './layout.ts'
import { readTimerSketches } from './read-timer-sketches.ts'

/**
 * Reads a partial aggregate out of bytes that anyone may have written. Copies all it returns; no number in the bytes
 * makes it allocate more than a few times their length. Throws DamagedPartialError, nothing else.
 */
export function decodePartial(bytes: Uint8Array): PartialAggregate {
  if (bytes.length < HEADER_BYTES) throw new DamagedPartialError('it is cut short', bytes.length)
  const reader = new ByteReader(bytes)
  if (reader.ascii(MAGIC.length) !== MAGIC) throw new DamagedPartialError('it does not begin as one', 0)
  const version = reader.uint16()
  if (version !== VERSION)
    throw new DamagedPartialError(`it is of version ${version}, and this Kymo reads version ${VERSION}`, 4)
  reader.zeros(2)
  const lengthBytes = reader.uint32()
  if (lengthBytes !== bytes.length) {
    throw new DamagedPartialError(`it is ${bytes.length} bytes long and says ${lengthBytes}`, 8)
  }
  if (reader.uint32() !== checksum(bytes)) {
    throw new DamagedPartialError('the checksum does not match', CRC_OFFSET)
  }
  const intervalEndMs = reader.float64()
  reader.check(Number.isSafeInteger(intervalEndMs) && intervalEndMs >= 0, 'the interval end is no time')
  reader.check(reader.uint32() === SECTIONS.length, 'the number of sections is wrong')
  reader.zeros(4)

  // In the order of the bytes.
  const partial: PartialAggregate = {
    intervalEndMs,
    names: readNames(reader),
    counters: readCounters(reader),
    gauges: readGauges(reader),
    timers: readTimers(reader),
    sets: readSets(reader),
    timerSketches: readTimerSketches(reader),
    setRegisters: readSetRegisters(reader),
  }
  reader.check(reader.isAtEnd, 'something follows the last section')
  return partial
}

function readNames(reader: ByteReader): NameColumns {
  const { rows, textBytes } = reader.sectionHeader('names')
  const idleSinceMs = reader.float64s(rows)
  reader.check(idleSinceMs.every(isTimeOrNone), 'an idle time is no time')
  const ids = reader.uint32s(rows)
  const keyEnds = reader.ends(rows, textBytes)
  const types = reader.bytes(rows)
  reader.check(types.every(isTypeCode), 'there is no such metric type')
  const keyBytes = reader.textBytes(keyEnds, textBytes)
  reader.pad()
  return {
    ids,
    types,
    idleSinceMs: idleSinceMs.every(Number.isNaN) ? NONE_IDLE : idleSinceMs,
    keyEnds,
    keyBytes,
  }
}

const NONE_IDLE = new Float64Array(0)

function readCounters(reader: ByteReader): CounterColumns {
  const { rows } = reader.sectionHeader('counters')
  const sums = reader.float64s(rows)
  reader.check(sums.every(Number.isFinite), 'a sum is not finite')
  const ids = reader.uint32s(rows)
  reader.pad()
  return { ids, sums }
}

function readGauges(reader: ByteReader): GaugeColumns {
  const { rows } = reader.sectionHeader('gauges')
  const absolutes = reader.float64s(rows)
  reader.check(absolutes.every(isFiniteOrNone), 'a gauge is not finite')
  const absoluteTimesMs = reader.float64s(rows)
  reader.check(absoluteTimesMs.every(isTime), 'the time of a gauge is no time')
  const deltas = reader.float64s(rows)
  reader.check(deltas.every(Number.isFinite), 'a delta is not finite')
  const ids = reader.uint32s(rows)
  reader.pad()
  return { ids, absolutes, absoluteTimesMs, deltas }
}

function readTimers(reader: ByteReader): TimerColumns {
  const { rows } = reader.sectionHeader('timers')
  const values = reader.float64s(rows)
  reader.check(values.every(Number.isFinite), 'a timer value is not finite')
  const weights = reader.float64s(rows)
  reader.check(weights.every(isWeight), 'a weight is not finite or less than 1')
  const ids = reader.uint32s(rows)
  reader.pad()
  return { ids, values, weights }
}

function readSets(reader: ByteReader): SetColumns {
  const { rows, items, textBytes } = reader.sectionHeader('sets')
  const ids = reader.uint32s(rows)
  const offsets = offsetsOf(reader.ends(rows, items))
  const members = reader.texts(reader.ends(items, textBytes), textBytes)
  reader.pad()
  return { ids, offsets, members }
}

function readSetRegisters(reader: ByteReader): SetRegisterColumns {
  const { rows } = reader.sectionHeader('set registers')
  const ids = reader.uint32s(rows)
  const registers = reader.bytes(rows * REGISTER_COUNT)
  reader.check(
    registers.every((register) => register <= HIGHEST_REGISTER),
    'a register is too high',
  )
  reader.pad()
  return { ids, registers }
}

function offsetsOf(ends: Uint32Array): Uint32Array {
  const offsets = new Uint32Array(ends.length + 1)
  offsets.set(ends, 1)
  return offsets
}

function isTime(value: number): boolean {
  return Number.isFinite(value) && value >= 0
}

function isTimeOrNone(value: number): boolean {
  return Number.isNaN(value) || isTime(value)
}

function isFiniteOrNone(value: number): boolean {
  return Number.isNaN(value) || Number.isFinite(value)
}

function isWeight(value: number): boolean {
  return Number.isFinite(value) && value >= 1
}
