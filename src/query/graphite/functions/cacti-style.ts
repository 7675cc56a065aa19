import { last, maximum, minimum } from '../calculate/aggregate-values.ts'
import { formatUnits, UNIT_SYSTEMS } from '../calculate/format-units.ts'
import { renameEach } from '../calculate/rename-each.ts'
import { defineFunction } from '../graphite-function.ts'
import { fixedText } from '../number-text.ts'
import { optional, seriesList, text } from '../parameters.ts'

export const cactiStyle = defineFunction({
  name: 'cactiStyle',
  group: 'Special',
  description:
    'Appends the last, the greatest and the least value of each series to its name, in columns, as Cacti does. With the system "si" or "binary" they are short: 1.50k or 1.46Ki; units are put behind them. To have several targets in the same columns, put them together with group.',
  example: 'cactiStyle(servers.*.net.bytes_out, "si", "b")',
  params: {
    seriesList: seriesList(),
    system: optional(text({ options: UNIT_SYSTEMS })),
    units: optional(text()),
  },
  evaluate({ seriesList: series, system: systemName, units = '' }, call) {
    if (units.length > MAX_UNIT_CHARACTERS) {
      return call.fail(`units have at most ${MAX_UNIT_CHARACTERS} characters`)
    }
    const system = UNIT_SYSTEMS.find((one) => one === systemName)
    const format = (value: number): string => {
      if (system === undefined) return units === '' ? fixedText(value, 2) : `${fixedText(value, 2)} ${units}`
      const { digits, prefix } = formatUnits(value, system)
      return units === '' ? digits + prefix : `${digits} ${prefix}${units}`
    }
    const column = (title: string, valueOf: (values: Float64Array) => number): string[] => {
      const values = series.map((one) => valueOf(one.values))
      // Widths are those of whole numbers, and of 3 where there is none.
      const widest = values.reduce((most, value) => Math.max(most, format(Math.trunc(value) || 3).length), 0)
      const width = widest + 3
      return values.map((value) => `${title}:${(Number.isNaN(value) ? 'nan' : format(value)).padEnd(width)}`)
    }
    const columns = [column('Current', last), column('Max', maximum), column('Min', minimum)]
    const longest = series.reduce((most, { name }) => Math.max(most, name.length), 0)
    const width = Math.min(longest, MAX_ALIGNED_CHARACTERS)
    return renameEach(series, call, ({ name }, index) => {
      const cells = [name.padEnd(width), ...columns.map((texts) => texts[index] ?? '')]
      return `${cells.join(' ')} `
    })
  },
})

/** One long name among many short ones would take its length for each of them. */
const MAX_ALIGNED_CHARACTERS = 1_000
const MAX_UNIT_CHARACTERS = 100
