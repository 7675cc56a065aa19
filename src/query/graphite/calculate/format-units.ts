import { fixedText } from '../number-text.ts'

export const UNIT_SYSTEMS = ['si', 'binary'] as const
export type UnitSystem = (typeof UNIT_SYSTEMS)[number]

/** With two digits and the greatest prefix that leaves at least 1: `1.50k`, or `1.46Ki`. */
export function formatUnits(
  value: number,
  system: UnitSystem,
): { readonly digits: string; readonly prefix: string } {
  for (const [prefix, size] of PREFIXES[system]) {
    if (Math.abs(value) >= size) return { digits: fixedText(value / size, 2), prefix }
  }
  return { digits: fixedText(value, 2), prefix: '' }
}

const PREFIXES: Readonly<Record<UnitSystem, readonly (readonly [prefix: string, size: number])[]>> = {
  si: [
    ['P', 1e15],
    ['T', 1e12],
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ],
  binary: [
    ['Pi', 2 ** 50],
    ['Ti', 2 ** 40],
    ['Gi', 2 ** 30],
    ['Mi', 2 ** 20],
    ['Ki', 2 ** 10],
  ],
}
