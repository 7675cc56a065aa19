/** Of each row: the sum of its values, in the order of the columns, and how many it has. */
export interface RowSums {
  readonly sums: Float64Array
  readonly counts: Float64Array
}

/** A column that is shorter has no values at the end. */
export function addColumns(columns: readonly Float64Array[], rowCount: number): RowSums {
  const rows = { sums: new Float64Array(rowCount), counts: new Float64Array(rowCount) }
  for (let next = 0; next < columns.length; ) {
    const four = columns.slice(next, next + 4)
    if (four.length === 4 && four.every(({ length }) => length === rowCount)) {
      addFour(rows, four as [Float64Array, Float64Array, Float64Array, Float64Array])
      next += 4
    } else {
      addOne(rows, columns[next] as Float64Array)
      next += 1
    }
  }
  return rows
}

/** Several at a time go through what was added up so far once, which is most of the work: see bench/query.ts. */
function addFour(
  { sums, counts }: RowSums,
  [a, b, c, d]: readonly [Float64Array, Float64Array, Float64Array, Float64Array],
): void {
  for (let row = 0; row < sums.length; row++) {
    // Not as a list of four, which would be made for each row.
    const first = a[row] as number
    const second = b[row] as number
    const third = c[row] as number
    const fourth = d[row] as number
    let sum = sums[row] as number
    let count = 0
    // Only NaN is not itself.
    if (first === first) {
      sum += first
      count++
    }
    if (second === second) {
      sum += second
      count++
    }
    if (third === third) {
      sum += third
      count++
    }
    if (fourth === fourth) {
      sum += fourth
      count++
    }
    sums[row] = sum
    counts[row] = (counts[row] as number) + count
  }
}

function addOne({ sums, counts }: RowSums, column: Float64Array): void {
  for (let row = 0; row < column.length; row++) {
    const value = column[row] as number
    if (value !== value) continue
    sums[row] = (sums[row] as number) + value
    counts[row] = (counts[row] as number) + 1
  }
}
