/** The first byte of every number, then the second of every number, and so on; the lowest byte is the first. */
export function splitPlanes(column: Uint32Array | Float64Array): Uint8Array {
  const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength)
  const width = column.BYTES_PER_ELEMENT
  const count = column.length
  const planes = new Uint8Array(bytes.length)
  for (let plane = 0; plane < width; plane++) {
    const start = plane * count
    for (let index = 0; index < count; index++) planes[start + index] = bytes[index * width + plane] as number
  }
  return planes
}

/** Fills the column, whose length is known. */
export function joinPlanes<Column extends Uint32Array | Float64Array>(
  planes: Uint8Array,
  column: Column,
): Column {
  const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength)
  const width = column.BYTES_PER_ELEMENT
  const count = column.length
  for (let plane = 0; plane < width; plane++) {
    const start = plane * count
    for (let index = 0; index < count; index++) bytes[index * width + plane] = planes[start + index] as number
  }
  return column
}
