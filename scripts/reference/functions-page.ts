import type { ParameterEntry } from '../../src/query/graphite/function-entry.ts'
import { functionEntry } from '../../src/query/graphite/function-entry.ts'
import { FUNCTIONS } from '../../src/query/graphite/functions/index.ts'
import type { GraphiteFunction } from '../../src/query/graphite/graphite-function.ts'
import { FUNCTION_GROUPS } from '../../src/query/graphite/graphite-function.ts'
import { hasPicture, pictureFile } from './function-pictures.ts'
import { code, page, table } from './markdown.ts'

export function renderFunctionsPage(): string {
  const functions = [...new Set(FUNCTIONS.values())].sort((a, b) => (a.name < b.name ? -1 : 1))
  return page(
    '# Functions',
    `What targets may call, as Graphite has it. Arguments stand in their order, or behind their names: \`summarize(a.b, "1h", func="max")\`. \`a.b | summarize("1h")\` is the same as \`summarize(a.b, "1h")\`. \`/functions\` lists them for programs. [The guide](../guide/graphite-functions.md) says where they differ from Graphite's.`,
    `Aggregations are ${AGGREGATIONS}. Lengths of time are like \`30s\`, \`5min\`, \`1h\`, \`1d\`, \`1w\`, \`1mon\`, \`1y\`. Nodes of names are counted from 0, from the end if negative.`,
    ...FUNCTION_GROUPS.flatMap((group) => {
      const inGroup = functions.filter((one) => one.group === group)
      return inGroup.length === 0 ? [] : [`## ${group}`, ...inGroup.flatMap(describe)]
    }),
  )
}

const AGGREGATIONS =
  '`average` (`avg`), `avg_zero`, `median`, `sum` (`total`), `min`, `max`, `diff`, `stddev`, `count`, `range` (`rangeOf`), `multiply` and `last` (`current`)'

function describe(definition: GraphiteFunction): string[] {
  const { name, aliases = [], description, example } = definition
  const entry = functionEntry(name, definition)
  const also = aliases.length === 0 ? [] : [`Also called ${aliases.map(code).join(', ')}.`]
  const rows = entry.params.map((parameter) => [
    code(parameter.name),
    parameter.type,
    describeParameter(parameter),
  ])
  return [
    `### ${name}`,
    code(entry.function),
    description,
    ...also,
    ...(rows.length === 0 ? [] : [table(['argument', 'type', ''], rows)]),
    `Example: ${code(example)}`,
    ...(hasPicture(definition) ? [`![What the example draws](${pictureFile(definition)})`] : []),
  ]
}

function describeParameter({ type, required, default: missing, multiple, options }: ParameterEntry): string {
  const words = [
    required === true ? ['required'] : [],
    missing === undefined ? [] : [`default ${code(String(missing))}`],
    multiple === true ? ['any number of them'] : [],
    // Which aggregations there are is said at the top.
    options === undefined || type === 'aggFunc'
      ? []
      : [`one of ${options.map((one) => code(String(one))).join(', ')}`],
  ].flat()
  return words.join('; ')
}
