import { derive } from '../calculate/create-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { integerOrInfinity, optional, seriesList } from '../parameters.ts'

const LIMIT = { limit: optional(integerOrInfinity({ shownDefault: Number.POSITIVE_INFINITY })) }

export const keepLastValue = defineFunction({
  name: 'keepLastValue',
  group: 'Transform',
  description:
    'Puts into each gap the value before it. A gap of more points than the limit is left as it is, as a whole.',
  example: 'keepLastValue(servers.web1.load, 3)',
  params: { seriesList: seriesList(), ...LIMIT },
  evaluate: ({ seriesList: series, limit = Number.POSITIVE_INFINITY }) =>
    series.map((one) =>
      derive(one, `keepLastValue(${one.name})`, {
        values: fillGaps(one.values, limit, { isLastGapFilled: true, valueAt: (before) => before }),
      }),
    ),
})

export const interpolate = defineFunction({
  name: 'interpolate',
  group: 'Transform',
  description:
    'Draws a straight line through each gap between two values. A gap of more points than the limit is left as it is, and so are those at the ends.',
  example: 'interpolate(servers.web1.load, 3)',
  params: { seriesList: seriesList(), ...LIMIT },
  evaluate: ({ seriesList: series, limit = Number.POSITIVE_INFINITY }) =>
    series.map((one) =>
      derive(one, `interpolate(${one.name})`, {
        values: fillGaps(one.values, limit, {
          isLastGapFilled: false,
          valueAt: (before, after, place, length) => before + (place * (after - before)) / (length + 1),
        }),
      }),
    ),
})

interface Filling {
  readonly isLastGapFilled: boolean
  /** `place`: which null of a gap of `length`, counted from 1. After the last gap comes NaN. */
  valueAt(before: number, after: number, place: number, length: number): number
}

function fillGaps(values: Float64Array, limit: number, filling: Filling): Float64Array {
  const filled = values.slice()
  let before = Number.NaN
  let gap = 0
  const fill = (end: number, after: number): void => {
    if (gap === 0 || gap > limit || Number.isNaN(before)) return
    for (let place = 1; place <= gap; place++) {
      filled[end - gap + place - 1] = filling.valueAt(before, after, place, gap)
    }
  }
  for (const [index, value] of values.entries()) {
    if (Number.isNaN(value)) {
      gap += 1
      continue
    }
    fill(index, value)
    before = value
    gap = 0
  }
  if (filling.isLastGapFilled) fill(values.length, Number.NaN)
  return filled
}
