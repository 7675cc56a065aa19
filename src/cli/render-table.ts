import type { Style } from './style.ts'

/** `isRight`: which columns are numbers. */
export function renderTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  isRight: readonly boolean[],
  style: Style,
): string[] {
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const renderRow = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return isRight[column] === true ? cell.padStart(width) : cell.padEnd(width)
      })
      .join('  ')
      .trimEnd()
  return [style.dim(`  ${renderRow(heads)}`), ...rows.map((row) => `  ${renderRow(row)}`)]
}

/** 1,234,567 */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US')
}

export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  let value = bytes / 1_000
  while (value >= 999.95 && units.length > 1) {
    value /= 1_000
    units.shift()
  }
  return `${value.toFixed(1)} ${units[0]}`
}
