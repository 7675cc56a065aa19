import type { QuerySeries, SeriesTags } from '../../query-series.ts'
import { derive } from './create-series.ts'

/** Another value for each value; nulls stay what they are. */
export function mapValues(
  values: Float64Array,
  change: (value: number, index: number) => number,
): Float64Array {
  const changed = new Float64Array(values.length)
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number
    changed[index] = value === value ? change(value, index) : Number.NaN
  }
  return changed
}

/** Does to each series the same, value by value: `name(series)` or what `nameOf` makes of its name. */
export function mapEach(
  series: readonly QuerySeries[],
  nameOf: (name: string) => string,
  change: (value: number) => number,
  mark?: SeriesTags,
): QuerySeries[] {
  return series.map((one) =>
    derive(one, nameOf(one.name), {
      values: mapValues(one.values, change),
      ...(mark === undefined ? {} : { mark }),
    }),
  )
}
