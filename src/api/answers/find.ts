import { excerpt } from '../../lib/excerpt.ts'
import { readTime } from '../../query/read-time.ts'
import type { JsonStyle, RequestParameters } from '../../query/request-parameters.ts'
import { lastValue, readFlag, readJsonStyle } from '../../query/request-parameters.ts'
import type { CatalogNode } from '../../store/catalog.ts'
import { KymoError } from '../../telemetry/errors.ts'
import { encodeJson, encodeJsonText } from '../encode/json.ts'
import { encodeMsgpack } from '../encode/msgpack.ts'
import { encodePickle } from '../encode/pickle.ts'
import type { QueryAnswer } from '../services.ts'
import type { AnswerContext } from './answer-context.ts'
import { missingQuery, readInteger } from './answer-context.ts'
import type { FindRow, FindShape, SeenInterval } from './find-formats.ts'
import { toClusterList, toCompleter, toList, toNodeNames, toTree } from './find-formats.ts'

/**
 * `/metrics/find`: nodes of the tree of names that match a pattern. Leaves whose points all lie outside of a range of time
 * that was asked for are left out; branches stay.
 */
export async function answerFind(
  parameters: RequestParameters,
  context: FindContext & Pick<AnswerContext, 'access'>,
): Promise<QueryAnswer> {
  const question = readFind(parameters, context)
  const nodes = await context.access.findNodes(question.pattern, context.limits.maxNames, question)
  return writeFound(nodes, question, context)
}

/** What such answers are made from, besides names. */
export type FindContext = Pick<AnswerContext, 'clock' | 'defaultTimeZone' | 'limits' | 'room'>

/** What is asked for. */
export interface FindQuestion {
  readonly pattern: string
  /** In a tree a name is one row, whatever it is below: that of the first node of this name. */
  readonly isOnePerName: boolean
  readonly range: SeenInterval | undefined
  /** Whether it matters when leaves had points. */
  readonly isTimed: boolean
  readonly isLeavesOnly: boolean
  readonly format: FindFormat
  readonly shape: Omit<FindShape, 'intervals'>
  readonly style: JsonStyle
}

/** Throws the KymoErrors `request-invalid`, `format-unknown` and `time-invalid`. */
export function readFind(parameters: RequestParameters, context: FindContext): FindQuestion {
  const format = readFormat(parameters)
  const pattern = lastValue(parameters, 'query')
  if (pattern === undefined) throw missingQuery()
  const range = readRange(parameters, context)
  const isTimed = range !== undefined || TIMED_FORMATS.has(format)
  const isLeavesOnly = readFlag(parameters, 'leavesOnly')
  const hasWildcardRow = readFlag(parameters, 'wildcards')
  return {
    pattern:
      format === 'completer' ? toCompletion(pattern, readFlag(parameters, 'automatic_variants')) : pattern,
    isOnePerName: format === 'treejson' && !isTimed && !isLeavesOnly && !hasWildcardRow,
    range,
    isTimed,
    isLeavesOnly,
    format,
    shape: {
      basePath: pattern.slice(0, pattern.lastIndexOf('.') + 1),
      hasWildcardRow,
      position: readInteger(parameters, 'position', -1),
    },
    style: readJsonStyle(parameters),
  }
}

/** `nodes` are those that match the question's pattern, sorted by path. */
export function writeFound(
  nodes: readonly CatalogNode[],
  question: FindQuestion,
  { limits: { maxAnswerBytes: maxBytes }, room }: FindContext,
): QueryAnswer {
  const { format } = question
  const intervals = question.isTimed ? intervalsOf(nodes) : new Map<string, SeenInterval>()
  const rows = toRows(nodes, question, intervals)
  const shape = { ...question.shape, intervals }
  const style = { ...question.style, maxBytes, ...(room !== undefined && { room }) }
  switch (format) {
    case 'pickle':
      return {
        contentType: 'application/pickle',
        body: encodePickle(toClusterList(rows, shape), { maxBytes }),
      }
    case 'msgpack':
      return {
        contentType: 'application/x-msgpack',
        body: encodeMsgpack(toClusterList(rows, shape), { maxBytes }),
      }
    case 'treejson':
      return encodeJsonText(toTree(rows, shape), style)
    case 'completer':
      return encodeJson(toCompleter(rows, shape), style)
    case 'json':
      return encodeJson(toList(rows, shape), style)
    case 'nodelist':
      return encodeJson(toNodeNames(rows, shape), style)
  }
}

const FIND_FORMATS = ['treejson', 'completer', 'json', 'nodelist', 'pickle', 'msgpack'] as const
type FindFormat = (typeof FIND_FORMATS)[number]
const TIMED_FORMATS: ReadonlySet<FindFormat> = new Set(['json', 'pickle', 'msgpack'])

/** By how much a leaf may miss the range that was asked for, as in Graphite: what is sent now and then is not lost sight of. */
const TOLERANCE_SECONDS = 600

function readFormat(parameters: RequestParameters): FindFormat {
  const format = lastValue(parameters, 'format') ?? 'treejson'
  const known = FIND_FORMATS.find((name) => name === format)
  if (known !== undefined) return known
  throw new KymoError('format-unknown', { format: excerpt(format, 100), known: FIND_FORMATS.join(', ') })
}

/** undefined: any time. Half of a range is open at the other end; -1 is Graphite's word for nothing. */
function readRange(parameters: RequestParameters, context: FindContext): SeenInterval | undefined {
  // Most ask for no time.
  if (TIME_PARAMETERS.every((name) => lastValue(parameters, name) === undefined)) return undefined
  const nowSeconds = readTime(parameters, 'now', { ...context, missing: 'now' })
  const read = (name: string): number | undefined => {
    const text = lastValue(parameters, name)
    return text === undefined || text === '-1'
      ? undefined
      : readTime(parameters, name, { ...context, nowSeconds, missing: text })
  }
  const from = read('from')
  const until = read('until')
  if (from === undefined && until === undefined) return undefined
  return {
    startSeconds: from ?? Number.NEGATIVE_INFINITY,
    endSeconds: until ?? Number.POSITIVE_INFINITY,
  }
}

const TIME_PARAMETERS = ['from', 'until', 'now'] as const

function toCompletion(pattern: string, hasVariants: boolean): string {
  const filled = pattern.replaceAll('..', '*.')
  const open = filled.endsWith('*') ? filled : `${filled}*`
  if (!hasVariants) return open
  return open
    .split('.')
    .map((node) => (node.includes(',') && !node.includes('{') ? `{${node}}` : node))
    .join('.')
}

function intervalsOf(nodes: readonly CatalogNode[]): Map<string, SeenInterval> {
  const intervals = new Map<string, SeenInterval>()
  for (const { path, seen } of nodes) {
    if (seen === undefined) continue
    intervals.set(path, {
      startSeconds: Math.floor(seen.firstSeenMs / 1000),
      endSeconds: Math.ceil(seen.lastSeenMs / 1000),
    })
  }
  return intervals
}

function overlaps(seen: SeenInterval | undefined, range: SeenInterval | undefined): boolean {
  if (seen === undefined || range === undefined) return true
  return (
    seen.endSeconds >= range.startSeconds - TOLERANCE_SECONDS &&
    seen.startSeconds <= range.endSeconds + TOLERANCE_SECONDS
  )
}

/** The branch first. Sorted by name. */
function toRows(
  nodes: readonly CatalogNode[],
  question: FindQuestion,
  intervals: ReadonlyMap<string, SeenInterval>,
): FindRow[] {
  const rows: FindRow[] = []
  for (const { path, name, isLeaf, isBranch } of nodes) {
    if (isBranch && !question.isLeavesOnly) rows.push({ path, name, isLeaf: false })
    if (isLeaf && overlaps(intervals.get(path), question.range)) rows.push({ path, name, isLeaf: true })
  }
  return rows.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}
