import * as z from 'zod'
import type { FunctionEntry } from '../../query/graphite/function-entry.ts'
import { lastValue, readFlag, readJsonStyle } from '../../query/request-parameters.ts'
import { KymoError } from '../../telemetry/errors.ts'
import type { Parameters } from '../parameters.ts'
import type { Route, RouteAnswer } from '../route.ts'
import { jsonParameters, parameter } from './graphite-parameters.ts'
import { functionList } from '../schemas/graphite-answers.ts'
import { functionEntry } from '../schemas/graphite-answers.ts'

const pieParameter = { type: parameter('`pie`: those that make one number of a series, for pie charts.') }

export const functions: Route = {
  methods: ['GET'],
  url: '/functions',
  scope: 'read',
  summary: 'The functions that targets may call: what they take and what they do.',
  parameters: z.object({
    group: parameter('Only those of this group, such as `Transform`.'),
    grouped: parameter('`1`: answer by group.'),
    ...pieParameter,
    ...jsonParameters,
  }),
  answer: {
    schema: functionList,
    contentTypes: ['application/json'],
    description: 'An object of entries by name. A default of infinity is the number `1e9999`.',
  },
  handler:
    () =>
    async ({ parameters }) => {
      const group = lastValue(parameters, 'group')
      const entries = (await listEntries(parameters)).filter(
        (entry) => group === undefined || entry.group === group,
      )
      return answerEntries(readFlag(parameters, 'grouped') ? byGroup(entries) : byName(entries), parameters)
    },
}

export const oneFunction: Route = {
  methods: ['GET'],
  url: '/functions/:name',
  scope: 'read',
  summary: 'One of the functions that targets may call.',
  parameters: z.object({ ...pieParameter, ...jsonParameters }),
  pathParameters: z.object({ name: z.string().describe('Its name, such as `summarize`.') }),
  answer: {
    schema: functionEntry,
    contentTypes: ['application/json'],
    description: 'Its entry in `/functions`.',
  },
  errors: ['route-unknown'],
  handler:
    () =>
    async ({ parameters, pathParameters: { name = '' } }) => {
      const entry = (await listEntries(parameters)).find((one) => one.name === name)
      if (entry !== undefined) return answerEntries(entry, parameters)
      throw new KymoError('route-unknown', { method: 'GET', path: `/functions/${name}` })
    },
}

/** The functions are loaded when somebody asks: answering needs none of them. */
async function listEntries(parameters: Parameters): Promise<readonly FunctionEntry[]> {
  const { listFunctionEntries, PIE_ENTRIES } = await import('../../query/graphite/function-entries.ts')
  return lastValue(parameters, 'type') === 'pie' ? PIE_ENTRIES : listFunctionEntries()
}

function byName(entries: readonly FunctionEntry[]): Record<string, FunctionEntry> {
  return Object.fromEntries(entries.map((entry) => [entry.name, entry]))
}

function byGroup(entries: readonly FunctionEntry[]): Record<string, Record<string, FunctionEntry>> {
  const groups = Object.groupBy(entries, (entry) => entry.group)
  return Object.fromEntries(Object.entries(groups).map(([group, some]) => [group, byName(some ?? [])]))
}

/** JSON has no word for infinity. A number that is too large for any double is read as that. */
function answerEntries(value: object, parameters: Parameters): RouteAnswer {
  const { callback, isPretty } = readJsonStyle(parameters)
  const text = JSON.stringify(value, markInfinity, isPretty ? 2 : undefined).replaceAll(
    `"${INFINITY}"`,
    '1e9999',
  )
  return callback === undefined
    ? { contentType: 'application/json; charset=utf-8', body: text }
    : { contentType: 'text/javascript; charset=utf-8', body: `${callback}(${text})` }
}

const INFINITY = '@infinity'

function markInfinity(_key: string, value: unknown): unknown {
  return value === Number.POSITIVE_INFINITY ? INFINITY : value
}
