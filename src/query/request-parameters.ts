import { KymoError } from '../telemetry/errors.ts'

/** Parameters of the query string and of the form body, merged; each may repeat. */
export type RequestParameters = Readonly<Record<string, readonly string[]>>

/** Every value of a parameter, in order. */
export function allValues(parameters: RequestParameters, name: string): readonly string[] {
  return Object.hasOwn(parameters, name) ? (parameters[name] ?? []) : []
}

/** Of a parameter given more than once the last value counts. Empty, `undefined` and `NaN` mean that it is absent. */
export function lastValue(parameters: RequestParameters, name: string): string | undefined {
  const value = allValues(parameters, name).at(-1)?.trim()
  // Grafana sends the words where it has no value.
  return value === '' || value === 'undefined' || value === 'NaN' ? undefined : value
}

/** A flag is set by being there, whatever its value, unless that is 0 or false. */
export function readFlag(parameters: RequestParameters, name: string): boolean {
  const value = allValues(parameters, name).at(-1)?.trim().toLowerCase()
  return value !== undefined && !['0', 'false', 'undefined', 'nan'].includes(value)
}

/** How an answer of JSON is wrapped. */
export interface JsonStyle {
  /** The name of the function to call with the answer. */
  readonly callback: string | undefined
  readonly isPretty: boolean
}

export function readJsonStyle(parameters: RequestParameters): JsonStyle {
  const callback = lastValue(parameters, 'jsonp')
  if (callback !== undefined && !/^[A-Za-z0-9_.$]{1,128}$/.test(callback)) {
    throw new KymoError('request-invalid', {
      problem: 'Parameter `jsonp`: a name of at most 128 letters, digits, "_", "." and "$" is wanted.',
    })
  }
  return { callback, isPretty: readFlag(parameters, 'pretty') }
}
