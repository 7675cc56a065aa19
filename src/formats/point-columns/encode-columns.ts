import {
  HEADER_BYTES,
  MAGIC,
  MOST_KEY_BYTES,
  type PointColumns,
  ROLLUPS,
  SERIES_BYTES,
  VERSION,
} from './point-columns.ts'

/**
 * docs/formats/point-columns.md has the layout. No key is longer than 65,535 bytes. `room` gives memory that the answer may begin at, of at
 * least so many bytes; left out: new memory.
 */
export function encodeColumns(
  { series, timesMs, values }: PointColumns,
  // Not filled with zeros: all of it is written.
  room: (bytes: number) => ArrayBuffer = (bytes) => Buffer.allocUnsafeSlow(bytes).buffer,
): Uint8Array<ArrayBuffer> {
  const keys = series.map(({ key }) => Buffer.from(key))
  const keyBytes = keys.reduce((sum, { length }) => sum + length, 0)
  const namesStart = HEADER_BYTES + series.length * SERIES_BYTES
  const namesBytes = Math.ceil(keyBytes / 8) * 8
  const timesStart = namesStart + namesBytes
  const length = timesStart + timesMs.length * 16
  const bytes = new Uint8Array(room(length), 0, length)
  bytes.fill(0, 0, timesStart)
  const view = new DataView(bytes.buffer)
  bytes.set(Buffer.from(MAGIC))
  view.setUint32(8, VERSION, true)
  view.setUint32(12, series.length, true)
  view.setUint32(16, timesMs.length, true)
  view.setUint32(20, namesBytes, true)
  let name = namesStart
  for (const [index, { points, rollup }] of series.entries()) {
    const key = keys[index] as Buffer
    if (key.length > MOST_KEY_BYTES) throw new Error('BUG: a key is too long for the columns')
    const at = HEADER_BYTES + index * SERIES_BYTES
    view.setUint32(at, points, true)
    view.setUint16(at + 4, key.length, true)
    view.setUint8(at + 6, rollup === undefined ? 0 : ROLLUPS.indexOf(rollup) + 1)
    bytes.set(key, name)
    name += key.length
  }
  new Float64Array(bytes.buffer, timesStart, timesMs.length).set(timesMs)
  new Float64Array(bytes.buffer, timesStart + timesMs.length * 8, values.length).set(values)
  return bytes
}
