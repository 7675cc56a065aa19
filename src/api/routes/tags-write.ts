import * as z from 'zod'
import { canonicalKey } from '../../formats/graphite-plaintext/canonical-key.ts'
import { excerpt } from '../../lib/excerpt.ts'
import { allValues } from '../../query/request-parameters.ts'
import { KymoError } from '../../telemetry/errors.ts'
import type { Parameters } from '../parameters.ts'
import { answerJson, type Route } from '../route.ts'
import { parameter } from './graphite-parameters.ts'
import { names } from '../schemas/graphite-answers.ts'
import { STORE_ERRORS } from '../route-errors.ts'

const MOST_PATHS = 10_000
const MOST_DELETED = 1_000

const onePath = parameter('A name with its tags: `disk.used;host=web1`. Required.')
const paths = parameter('A name with its tags: `disk.used;host=web1`. Repeat it for several. Required.')

/** Carbon tells a tag database of series. The tags of ours are part of their keys: a series is there with its first point. */
export const tagSeries: Route = {
  methods: ['POST'],
  url: '/tags/tagSeries',
  scope: 'read',
  summary: 'The key under which a series with tags is kept.',
  description: 'Nothing has to be told beforehand: a series has its tags with its first point.',
  parameters: z.object({ path: onePath }),
  answer: {
    schema: z.string(),
    contentTypes: ['application/json'],
    description: '`"disk.used;host=web1;rack=a1"`',
  },
  handler:
    () =>
    ({ parameters }) => {
      const [first] = readPaths(parameters, MOST_PATHS)
      return answerJson(canonical(first))
    },
}

export const tagMultiSeries: Route = {
  methods: ['POST'],
  url: '/tags/tagMultiSeries',
  scope: 'read',
  summary: 'The keys under which series with tags are kept.',
  parameters: z.object({ path: paths }),
  answer: {
    schema: names,
    contentTypes: ['application/json'],
    description: '`["disk.used;host=web1;rack=a1"]`',
  },
  handler:
    () =>
    ({ parameters }) =>
      answerJson(readPaths(parameters, MOST_PATHS).map(canonical)),
}

export const tagDelSeries: Route = {
  methods: ['POST'],
  url: '/tags/delSeries',
  scope: 'admin',
  summary: 'Deletes series with tags, and all of their points.',
  description:
    'A series that is still sent comes back with its next point. `/api/delete` deletes by glob, tag expression and time, and tells before what would go.',
  parameters: z.object({ path: paths }),
  takesForm: true,
  answer: { schema: z.literal(true), contentTypes: ['application/json'], description: '`true`' },
  errors: [...STORE_ERRORS, 'store-write-failed'],
  handler:
    ({ services }) =>
    async ({ parameters }) => {
      const patterns = readPaths(parameters, MOST_DELETED).map(canonical)
      // A key without tags would be read as a glob.
      const untagged = patterns.find((key) => !key.includes(';'))
      if (untagged !== undefined) throw invalid(`"${excerpt(untagged, 100)}" has no tags; see /api/delete`)
      await services.store.deleteSeries({
        patterns,
        expressions: [],
        range: { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY },
        isDryRun: false,
      })
      return answerJson(true)
    },
}

/** Rails, PHP and jQuery write `path[]`. */
function readPaths(parameters: Parameters, most: number): string[] {
  const given = [...allValues(parameters, 'path'), ...allValues(parameters, 'path[]')].filter(
    (path) => path !== '',
  )
  if (given.length === 0) throw invalid('no path specified')
  if (given.length > most) throw invalid(`${given.length} paths in one request; the limit is ${most}`)
  return given
}

function canonical(path = ''): string {
  const key = canonicalKey(path)
  if (key === '') throw invalid(`"${excerpt(path, 100)}" has no name`)
  return key
}

function invalid(problem: string): KymoError {
  return new KymoError('request-invalid', { problem: `Parameter \`path\`: ${problem}.` })
}
