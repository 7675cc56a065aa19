import type { QuerySeries } from '../../query-series.ts'
import { derive } from '../calculate/create-series.ts'
import type { Complex } from '../calculate/fourier.ts'
import { fourierTransform, inverseFourierTransform } from '../calculate/fourier.ts'
import type { FunctionCall } from '../function-call.ts'
import { defineFunction } from '../graphite-function.ts'
import { optional, seriesList, text } from '../parameters.ts'

export const fft = defineFunction({
  name: 'fft',
  group: 'Transform',
  description:
    'Takes each series apart into its frequencies (discrete Fourier transform): what each frequency has of it ("abs"), and where in its wave it begins ("phase"), or both, one series after the other. Point number k is of the frequency with k waves in the whole range. Nulls count as 0.',
  example: 'fft(servers.web1.load, "abs")',
  params: {
    seriesList: seriesList(),
    mode: optional(text({ options: ['abs', 'phase', 'both', 'all', ''] })),
  },
  async evaluate({ seriesList: series, mode }, call) {
    const transformed: QuerySeries[] = []
    for (const one of series) {
      await countWork(one.values.length, call)
      const frequencies = fourierTransform({
        real: orZero(one.values),
        imaginary: new Float64Array(one.values.length),
      })
      if (mode !== 'phase')
        transformed.push(derive(one, `fft(${one.name},abs)`, { values: magnitudes(frequencies) }))
      if (mode !== 'abs')
        transformed.push(derive(one, `fft(${one.name},phase)`, { values: phases(frequencies) }))
    }
    return transformed
  },
})

export const ifft = defineFunction({
  name: 'ifft',
  group: 'Transform',
  description:
    'Puts series together again that fft has taken apart, from what frequencies have of them and from where their waves begin; without the latter all begin at once. The result has no signs.',
  example: 'ifft(lowPass(fft(servers.web1.load, "abs"), 40), fft(servers.web1.load, "phase"))',
  params: { seriesList: seriesList(), phaseSeriesList: optional(seriesList()) },
  async evaluate({ seriesList: series, phaseSeriesList = [] }, call) {
    const transformed: QuerySeries[] = []
    for (const [index, one] of series.entries()) {
      await countWork(one.values.length, call)
      const phase = phaseSeriesList[index]
      const name = phase === undefined ? `ifft(${one.name})` : `ifft(${one.name}, ${phase.name})`
      const frequencies = frequenciesOf(orZero(one.values), orZero(phase?.values ?? new Float64Array(0)))
      transformed.push(derive(one, name, { values: magnitudes(inverseFourierTransform(frequencies)) }))
    }
    return transformed
  },
})

function frequenciesOf(sizes: Float64Array, angles: Float64Array): Complex {
  return {
    real: sizes.map((size, index) => size * Math.cos(angles[index] ?? 0)),
    imaginary: sizes.map((size, index) => size * Math.sin(angles[index] ?? 0)),
  }
}

function magnitudes({ real, imaginary }: Complex): Float64Array {
  return real.map((value, index) => Math.hypot(value, imaginary[index] as number))
}

function phases({ real, imaginary }: Complex): Float64Array {
  return real.map((value, index) => Math.atan2(imaginary[index] as number, value))
}

function orZero(values: Float64Array): Float64Array {
  return values.map((value) => (Number.isFinite(value) ? value : 0))
}

/** It is done in one go, half a second at most. */
async function countWork(length: number, call: FunctionCall): Promise<void> {
  if (length > MAX_POINTS)
    return call.fail(`it takes at most ${MAX_POINTS} points of a series, not ${length}`)
  await call.work(Math.ceil(length * Math.log2(length + 1) * STEPS_PER_LEVEL))
}

const MAX_POINTS = 524_288
const STEPS_PER_LEVEL = 12
