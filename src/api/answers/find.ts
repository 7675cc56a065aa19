import { excerpt } from '../../lib/excerpt.ts'
import { readTime } from '../../query/read-time.ts'
import type { RequestParameters } from '../../query/request-parameters.ts'
import { lastValue, readFlag, readJsonStyle } from '../../query/request-parameters.ts'
import type { StoreAccess } from '../../store/access.ts'
import type { CatalogNode } from '../../store/catalog.ts'
import { KymoError } from '../../telemetry/errors.ts'
import { encodeJson, encodeJsonText } from '../encode/json.ts'
import { encodeMsgpack } from '../encode/msgpack.ts'
import { encodePickle } from '../encode/pickle.ts'
import type { QueryAnswer } from '../services.ts'
import type { AnswerContext } from './answer-context.ts'
import { missingQuery, readInteger } from './answer-context.ts'
import type { FindRow, SeenInterval } from './find-formats.ts'
import { toClusterList, toCompleter, toList, toNodeNames, toTree } from './find-formats.ts'

/**
 * `/metrics/find`: nodes of the tree of names that match a pattern. Leaves whose points all lie outside of a range of time
 * that was asked for are left out; branches stay.
 */
export async function answerFind(parameters: RequestParameters, context: FindContext): Promise<QueryAnswer> {
  const format = readFormat(parameters)
  const pattern = lastValue(parameters, 'query')
  if (pattern === undefined) throw missingQuery()
  const range = readRange(parameters, context)
  const request: FindRequest = {
    pattern:
      format === 'completer' ? toCompletion(pattern, readFlag(parameters, 'automatic_variants')) : pattern,
    range,
    isTimed: range !== undefined || TIMED_FORMATS.has(format),
    isLeavesOnly: readFlag(parameters, 'leavesOnly'),
    hasWildcardRow: readFlag(parameters, 'wildcards'),
    format,
  }
  const { rows, intervals } = await find(request, context)
  const shape = {
    basePath: pattern.slice(0, pattern.lastIndexOf('.') + 1),
    hasWildcardRow: request.hasWildcardRow,
    position: readInteger(parameters, 'position', -1),
    intervals,
  }
  const { maxAnswerBytes: maxBytes } = context.limits
  const style = {
    ...readJsonStyle(parameters),
    maxBytes,
    ...(context.room !== undefined && { room: context.room }),
  }
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

/** What such answers are made from. */
export interface FindContext extends Pick<AnswerContext, 'clock' | 'defaultTimeZone' | 'limits' | 'room'> {
  readonly access: Pick<StoreAccess, 'findNodes'>
}

interface FindRequest {
  readonly pattern: string
  readonly range: SeenInterval | undefined
  /** Whether it matters when leaves had points. */
  readonly isTimed: boolean
  readonly isLeavesOnly: boolean
  readonly hasWildcardRow: boolean
  readonly format: FindFormat
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

function toCompletion(pattern: string, hasVariants: boolean): string {
  const filled = pattern.replaceAll('..', '*.')
  const open = filled.endsWith('*') ? filled : `${filled}*`
  if (!hasVariants) return open
  return open
    .split('.')
    .map((node) => (node.includes(',') && !node.includes('{') ? `{${node}}` : node))
    .join('.')
}

async function find(
  request: FindRequest,
  context: FindContext,
): Promise<{ rows: FindRow[]; intervals: Map<string, SeenInterval> }> {
  const { access, limits } = context
  const nodes = await access.findNodes(request.pattern, limits.maxNames, {
    isOnePerName: isOnePerName(request),
  })
  const intervals = request.isTimed ? intervalsOf(nodes) : new Map<string, SeenInterval>()
  const isWanted = (row: FindRow): boolean =>
    row.isLeaf ? overlaps(intervals.get(row.path), request.range) : !request.isLeavesOnly
  return { rows: toRows(nodes).filter(isWanted), intervals }
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

/** In a tree a name is one row, whatever it is below: that of the first node of this name. */
function isOnePerName({ format, isTimed, isLeavesOnly, hasWildcardRow }: FindRequest): boolean {
  return format === 'treejson' && !isTimed && !isLeavesOnly && !hasWildcardRow
}

function overlaps(seen: SeenInterval | undefined, range: SeenInterval | undefined): boolean {
  if (seen === undefined || range === undefined) return true
  return (
    seen.endSeconds >= range.startSeconds - TOLERANCE_SECONDS &&
    seen.startSeconds <= range.endSeconds + TOLERANCE_SECONDS
  )
}

/** The branch first. Sorted by name. */
function toRows(nodes: readonly CatalogNode[]): FindRow[] {
  return nodes
    .flatMap(({ path, name, isLeaf, isBranch }) => [
      ...(isBranch ? [{ path, name, isLeaf: false }] : []),
      ...(isLeaf ? [{ path, name, isLeaf: true }] : []),
    ])
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}
