/** What large numbers are divided by, largest first, with the letter that says it. */
const UNIT_SYSTEMS = {
  si: [
    ['P', 1000 ** 5],
    ['T', 1000 ** 4],
    ['G', 1000 ** 3],
    ['M', 1000 ** 2],
    ['K', 1000],
  ],
  binary: [
    ['Pi', 1024 ** 5],
    ['Ti', 1024 ** 4],
    ['Gi', 1024 ** 3],
    ['Mi', 1024 ** 2],
    ['Ki', 1024],
  ],
} as const satisfies Record<string, readonly (readonly [prefix: string, size: number])[]>

export type UnitSystem = keyof typeof UNIT_SYSTEMS

/** A number made smaller by its prefix: 12,345 is 12.345 and `K`. */
export function withUnitPrefix(
  value: number,
  system: UnitSystem,
): { readonly value: number; readonly prefix: string } {
  const unit = UNIT_SYSTEMS[system].find(([, size]) => Math.abs(value) >= size)
  return unit === undefined ? { value, prefix: '' } : { value: value / unit[1], prefix: unit[0] }
}
