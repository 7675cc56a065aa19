/** Long arrays are packed in the files of cases: runs, ranges, repetitions. */
export function unpack(packed: unknown): unknown {
  if (Array.isArray(packed)) return packed.map(unpack)
  if (typeof packed !== 'object' || packed === null) return packed
  const object = packed as Record<string, unknown>
  if (Array.isArray(object.$range)) {
    const [first = 0, step = 0, count = 0] = object.$range as number[]
    return Array.from({ length: count }, (_, index) => first + index * step)
  }
  if (Array.isArray(object.$rle)) {
    return (object.$rle as [unknown, number][]).flatMap(([value, count]) =>
      Array.from({ length: count }, () => value),
    )
  }
  if (Array.isArray(object.$repeat)) {
    const [period, length] = object.$repeat as [unknown[], number]
    return Array.from({ length }, (_, index) => period[index % period.length])
  }
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, unpack(value)]))
}
