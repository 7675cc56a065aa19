import { derive } from '../calculate/create-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { shortText } from '../number-text.ts'
import { float, seriesList } from '../parameters.ts'

export const lowPass = defineFunction({
  name: 'lowPass',
  aliases: ['lpf'],
  group: 'Transform',
  description:
    'Keeps so many percent of the values, half of them at the beginning and half at the end, and makes null of those between. After fft these are the low frequencies.',
  example: 'lowPass(fft(servers.web1.load, "abs"), 40)',
  params: { seriesList: seriesList(), cutPercent: float() },
  evaluate: ({ seriesList: series, cutPercent }) =>
    series.map((one) => {
      const low = Math.trunc((cutPercent / 200) * one.values.length)
      const high = one.values.length - low
      return derive(one, `lowPass(${one.name},${shortText(cutPercent)})`, {
        values: one.values.map((value, index) => (index < low || index >= high ? value : Number.NaN)),
      })
    }),
})
