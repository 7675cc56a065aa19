import { withTags } from '../calculate/create-series.ts'
import { mapValues } from '../calculate/map-values.ts'
import { defineFunction } from '../graphite-function.ts'
import { date, seriesList, withDefault } from '../parameters.ts'

export const timeSlice = defineFunction({
  name: 'timeSlice',
  group: 'Transform',
  description: 'What lies between two times; all other points are null.',
  example: 'timeSlice(stats.requests.rate, "00:00 20260131", "12:00 20260131")',
  params: {
    seriesList: seriesList(),
    startSliceAt: date(),
    endSliceAt: withDefault(date(), 'now'),
  },
  evaluate: ({ seriesList: series, startSliceAt, endSliceAt }, { window }) =>
    series.map((one) => ({
      ...one,
      name: `timeSlice(${one.name}, ${startSliceAt}, ${endSliceAt})`,
      tags: withTags(one.tags, {
        timeSliceStart: String(startSliceAt),
        timeSliceEnd: String(endSliceAt),
      }),
      // Points are counted from the beginning of the request, as in Graphite, not from that of the series.
      values: mapValues(one.values, (value, index) => {
        const time = window.fromSeconds + index * one.stepSeconds
        return time < startSliceAt || time > endSliceAt ? Number.NaN : value
      }),
    })),
})
