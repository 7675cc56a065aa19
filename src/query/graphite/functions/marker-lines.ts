import { createConstantLine } from '../calculate/constant-line.ts'
import { createSeries, withValues } from '../calculate/create-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { floatText } from '../number-text.ts'
import { date, float, optional, text } from '../parameters.ts'

export const threshold = defineFunction({
  name: 'threshold',
  group: 'Graph',
  description: 'A level line at the value, perhaps with a name and a colour of its own.',
  example: 'threshold(123.456, "too much", "red")',
  params: { value: float(), label: optional(text()), color: optional(text()) },
  evaluate({ value, label = '', color = '' }, { window }) {
    const valueText = floatText(value)
    const line = createConstantLine(valueText, value, window)
    return [
      {
        ...line,
        name: label === '' ? line.name : label,
        pathExpression: `constantLine(${valueText})`,
        ...(color === '' ? {} : { style: { color } }),
      },
    ]
  },
})

export const verticalLine = defineFunction({
  name: 'verticalLine',
  group: 'Graph',
  description:
    'A line from the bottom to the top at a moment, which has to lie within the range of the request; perhaps with a name and a colour.',
  example: 'verticalLine("16:00_20260131", "deployed", "blue")',
  params: { ts: date(), label: optional(text()), color: optional(text()) },
  evaluate({ ts, label = '', color = '' }, call) {
    if (ts < call.window.fromSeconds) return call.fail(`the time ${ts} lies before the range`)
    if (ts > call.window.untilSeconds) return call.fail(`the time ${ts} lies after the range`)
    const style = { isDrawnAsInfinite: true, ...(color === '' ? {} : { color }) }
    const points = withValues(new Float64Array([1, 1]), { startSeconds: ts, stepSeconds: 1 })
    return [
      createSeries({ ...points, name: label, endSeconds: ts, xFilesFactor: call.xFilesFactor ?? 0, style }),
    ]
  },
})
