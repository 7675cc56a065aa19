import { createConstantLine } from '../calculate/constant-line.ts'
import { createSeries } from '../calculate/create-series.ts'
import type { QuerySeries } from '../../query-series.ts'
import type { FunctionCall } from '../function-call.ts'
import { defineFunction } from '../graphite-function.ts'
import { floatText } from '../number-text.ts'
import { float, integer, numberShownAsInteger, text, withDefault } from '../parameters.ts'

export const time = defineFunction({
  name: 'time',
  aliases: ['timeFunction'],
  group: 'Transform',
  description: 'At each point the time of that point, in seconds since 1970. It needs no stored series.',
  example: 'time("The.time.series")',
  params: { name: text(), step: withDefault(integer(), 60) },
  evaluate: ({ name, step }, call) => [generate(name, step, call, (seconds) => seconds)],
})

export const sin = defineFunction({
  name: 'sin',
  aliases: ['sinFunction'],
  group: 'Transform',
  description: 'The sine of the time in seconds, times the amplitude. It needs no stored series.',
  example: 'sin("The.time.series", 2)',
  params: {
    name: text(),
    amplitude: withDefault(numberShownAsInteger(), 1),
    step: withDefault(integer(), 60),
  },
  evaluate: ({ name, amplitude, step }, call) => [
    generate(name, step, call, (seconds) => Math.sin(seconds) * amplitude),
  ],
})

export const randomWalk = defineFunction({
  name: 'randomWalk',
  aliases: ['randomWalkFunction'],
  group: 'Special',
  description:
    'A line that begins at 0 and goes up or down by chance, by half at most with each point. It needs no stored series.',
  example: 'randomWalk("The.time.series")',
  isEachCallItsOwn: true,
  params: { name: text(), step: withDefault(integer(), 60) },
  evaluate({ name, step }, call) {
    let current = 0
    return [
      generate(name, step, call, () => {
        const value = current
        current += call.random() - 0.5
        return value
      }),
    ]
  },
})

export const identity = defineFunction({
  name: 'identity',
  group: 'Calculate',
  description:
    'At each minute its time, in seconds since 1970: what other series are times of can be compared with it. It needs no stored series.',
  example: 'diffSeries(identity("now"), backup.finished_at)',
  params: { name: text() },
  evaluate: ({ name }, call) => [
    { ...generate(name, 60, call, (seconds) => seconds), pathExpression: `identity("${name}")` },
  ],
})

export const constantLine = defineFunction({
  name: 'constantLine',
  group: 'Special',
  description: 'A level line at the value.',
  example: 'constantLine(123.456)',
  params: { value: float() },
  evaluate({ value }, { window }) {
    const text = floatText(value)
    return [{ ...createConstantLine(text, value, window), pathExpression: `constantLine(${text})` }]
  },
})

function generate(
  name: string,
  stepSeconds: number,
  call: FunctionCall,
  valueAt: (seconds: number) => number,
): QuerySeries {
  const { fromSeconds: startSeconds, untilSeconds: endSeconds } = call.window
  if (stepSeconds < 1) return call.fail('the step has to be at least one second')
  const count = Math.ceil((endSeconds - startSeconds) / stepSeconds)
  call.reserve(count)
  const values = new Float64Array(count)
  for (let index = 0; index < count; index++) values[index] = valueAt(startSeconds + index * stepSeconds)
  return createSeries({
    name,
    startSeconds,
    endSeconds,
    stepSeconds,
    values,
    xFilesFactor: call.xFilesFactor ?? 0,
  })
}
