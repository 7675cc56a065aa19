import { ERROR_CATALOG, type ErrorCode, httpStatusOf } from '../telemetry/errors.ts'
import type { Route, RouteMethod } from './route.ts'

/** What any request may be answered with. */
const OF_ALL: readonly ErrorCode[] = [
  'request-invalid',
  'host-refused',
  'origin-refused',
  'request-timeout',
  'body-unsupported',
  'header-too-large',
  'internal',
]

const OF_BODIES: readonly ErrorCode[] = ['body-too-large']

/** Where the scope is not `read`. */
const OF_CHANGES: readonly ErrorCode[] = ['scope-missing']

/** Of whatever asks the store, or waits for its turn. */
export const STORE_ERRORS: readonly ErrorCode[] = ['store-disabled', 'not-ready', 'server-busy']

/** Of whatever a query thread answers. */
export const QUERY_ERRORS: readonly ErrorCode[] = [
  ...STORE_ERRORS,
  'query-too-long',
  'answer-too-large',
  'too-many-results',
  'too-many-series',
  'query-too-large',
  'regex-invalid',
]

/** Of whatever evaluates targets. */
export const TARGET_ERRORS: readonly ErrorCode[] = [
  ...QUERY_ERRORS,
  'target-invalid',
  'function-unknown',
  'argument-invalid',
  'time-invalid',
  'range-empty',
  'too-many-points',
]

/** The errors that a route may be answered with, by HTTP status, ascending. */
export function errorsByStatus(route: Route, method: RouteMethod): ReadonlyMap<number, readonly ErrorCode[]> {
  const codes = new Set([
    ...OF_ALL,
    ...(method === 'POST' ? OF_BODIES : []),
    ...(route.scope === 'read' ? [] : OF_CHANGES),
    ...(route.bytes === undefined ? [] : (['server-busy'] as const)),
    ...(route.errors ?? []),
  ])
  const byStatus = Map.groupBy(codes, (code) => httpStatusOf(code))
  return new Map([...byStatus].sort(([a], [b]) => a - b))
}

/** `text` and `help` of an error, as the catalog has them. */
export function describeErrors(codes: readonly ErrorCode[]): string {
  return codes.map((code) => `\`${code}\`: ${ERROR_CATALOG[code].text}`).join('\n')
}
