import { presentCount } from '../calculate/aggregate-values.ts'
import { derive, withValues } from '../calculate/create-series.ts'
import { fitPolynomial } from '../calculate/fit-polynomial.ts'
import { defineFunction } from '../graphite-function.ts'
import { integer, interval, optional, seriesList } from '../parameters.ts'

export const polyfit = defineFunction({
  name: 'polyfit',
  group: 'Combine',
  description:
    'The polynomial of the degree, 1 unless it is said, that lies closest to each series (least squares). With an offset it goes on for so long after the last point: a forecast. Of fewer than two values it is null.',
  example: 'polyfit(disks.web1.used, 1, "7d")',
  params: {
    seriesList: seriesList(),
    degree: optional(integer({ shownDefault: 1 })),
    offset: optional(interval({ shownDefault: '0d' })),
  },
  async evaluate({ seriesList: series, degree, offset }, call) {
    const wanted = degree ?? 1
    if (wanted < 1 || wanted > MAX_DEGREE) return call.fail(`the degree has to be from 1 to ${MAX_DEGREE}`)
    const suffix = offset === undefined ? '' : `,'${offset.text}'`
    const degreeText = degree === undefined && offset === undefined ? '' : `,${wanted}`
    const fitted = []
    for (const one of series) {
      const more = Math.trunc((offset?.seconds ?? 0) / one.stepSeconds)
      const count = Math.max(0, one.values.length + more)
      call.reserve(count)
      await call.work(count * wanted * STEPS_PER_DEGREE)
      const values =
        presentCount(one.values) < 2
          ? new Float64Array(count).fill(Number.NaN)
          : fitPolynomial(one.values, wanted, count)
      fitted.push(derive(one, `polyfit(${one.name}${degreeText}${suffix})`, withValues(values, one)))
    }
    return fitted
  },
})

const MAX_DEGREE = 20
const STEPS_PER_DEGREE = 10
