import {
  type ColumnSeries,
  HEADER_BYTES,
  MAGIC,
  type PointColumns,
  ROLLUPS,
  SERIES_BYTES,
  VERSION,
} from './point-columns.ts'

/**
 * Reads what `encodeColumns` made, and believes nothing of it. Says in words what is wrong. The columns may lie in the memory that was
 * given.
 */
export function decodeColumns(bytes: Uint8Array): PointColumns | { readonly problem: string } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < HEADER_BYTES || text(bytes.subarray(0, 8)) !== MAGIC)
    return { problem: `it does not begin with "${MAGIC}"` }
  const version = view.getUint32(8, true)
  if (version !== VERSION) return { problem: `it is of version ${version}, and ${VERSION} is known` }
  const seriesCount = view.getUint32(12, true)
  const pointCount = view.getUint32(16, true)
  const namesBytes = view.getUint32(20, true)
  const namesStart = HEADER_BYTES + seriesCount * SERIES_BYTES
  const timesStart = namesStart + namesBytes
  const length = timesStart + pointCount * 16
  if (namesBytes % 8 !== 0 || length !== bytes.length)
    return { problem: `it is ${bytes.length} bytes long, and says that it is ${length}` }
  const series: ColumnSeries[] = []
  let name = namesStart
  let points = 0
  for (let index = 0; index < seriesCount; index++) {
    const at = HEADER_BYTES + index * SERIES_BYTES
    const nameEnd = name + view.getUint16(at + 4, true)
    if (nameEnd > timesStart) return { problem: `the name of series ${index} goes on beyond the names` }
    const key = text(bytes.subarray(name, nameEnd))
    const own = view.getUint32(at, true)
    series.push({ key, points: own, rollup: ROLLUPS[view.getUint8(at + 6) - 1] })
    points += own
    name = nameEnd
  }
  if (points !== pointCount) return { problem: `it has ${pointCount} points, and its series ${points}` }
  const columns = doubles(bytes, timesStart, pointCount * 2)
  const [timesMs, values] = [columns.subarray(0, pointCount), columns.subarray(pointCount)]
  for (let index = 0; index < pointCount; index++) {
    const timeMs = timesMs[index] as number
    const value = values[index] as number
    if (!(timeMs > 0 && timeMs <= MOST_DISTANT_MS && Math.floor(timeMs) === timeMs))
      return {
        problem: `point ${index} has the time ${timeMs}, which is no whole number of milliseconds since 1970`,
      }
    // Infinity less itself is no number either.
    if (value - value !== 0) return { problem: `point ${index} has the value ${value}` }
  }
  return { series, timesMs, values }
}

/** As far from 1970 as a JavaScript date can be. */
const MOST_DISTANT_MS = 8_640_000_000_000_000

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
}

/** Where they lie, if they lie as doubles have to. */
function doubles(bytes: Uint8Array, start: number, count: number): Float64Array {
  const offset = bytes.byteOffset + start
  return offset % 8 === 0
    ? new Float64Array(bytes.buffer, offset, count)
    : new Float64Array(bytes.slice(start, start + count * 8).buffer, 0, count)
}
