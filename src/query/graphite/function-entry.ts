import type { GraphiteFunction } from './graphite-function.ts'
import type { Parameter } from './parameter.ts'

/** A function as `/functions` lists it: what Grafana's query builder is made from. */
export interface FunctionEntry {
  readonly name: string
  /** Its signature, as Python has them. */
  readonly function: string
  readonly description: string
  readonly module: string
  readonly group: string
  readonly params: readonly ParameterEntry[]
}

export interface ParameterEntry {
  readonly name: string
  readonly type: string
  readonly required?: true
  readonly default?: string | number | boolean
  readonly multiple?: true
  readonly options?: readonly (string | number | boolean | null)[]
  readonly suggestions?: readonly (string | number)[]
}

/** By the name that it is asked for by, which may be one of several. */
export function functionEntry(name: string, definition: GraphiteFunction): FunctionEntry {
  return {
    name,
    function: signatureOf(name, definition),
    description: `${definition.description}\n\n.. code-block:: none\n\n  &target=${definition.example}`,
    module: 'graphite.render.functions',
    group: definition.group,
    params: Object.entries(definition.params).map(([one, parameter]) => parameterEntry(one, parameter)),
  }
}

/** `summarize(seriesList, intervalString, func='sum', alignToFrom=False)` */
export function signatureOf(name: string, { shownSignature, params }: GraphiteFunction): string {
  if (shownSignature !== undefined) return name + shownSignature.slice(shownSignature.indexOf('('))
  return `${name}(${Object.entries(params)
    .map(([one, parameter]) => parameterText(one, parameter))
    .join(', ')})`
}

function parameterText(name: string, parameter: Parameter<unknown>): string {
  if (parameter.isMultiple) return `*${name}`
  return parameter.isRequired ? name : `${name}=${pythonText(parameter.shownDefault)}`
}

function pythonText(value: string | number | boolean | undefined): string {
  if (value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return `'${value}'`
  return value === Number.POSITIVE_INFINITY ? 'INF' : String(value)
}

function parameterEntry(name: string, parameter: Parameter<unknown>): ParameterEntry {
  const { type, isRequired, isShownAsRequired, shownDefault, isMultiple, options, suggestions } = parameter
  return {
    name,
    type,
    ...(isRequired || isShownAsRequired === true ? { required: true } : {}),
    ...(shownDefault === undefined || isShownAsRequired === true ? {} : { default: shownDefault }),
    ...(isMultiple ? { multiple: true } : {}),
    ...(options === undefined ? {} : { options }),
    ...(suggestions === undefined ? {} : { suggestions }),
  }
}
