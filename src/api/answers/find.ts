import { excerpt } from '../../lib/excerpt.ts'
import type { RequestParameters } from '../../query/request-parameters.ts'
import { lastValue, readFlag, readJsonStyle } from '../../query/request-parameters.ts'
import type { CatalogNode } from '../../store/catalog.ts'
import { KymoError } from '../../telemetry/errors.ts'
import { encodeJson } from '../encode/json.ts'
import type { QueryAnswer } from '../services.ts'
import type { AnswerContext } from './answer-context.ts'
import { missingQuery, readInteger } from './answer-context.ts'

/**
 * `/metrics/find`: nodes of the tree of names that match a pattern. `from` and `until` are not looked at: a name does
 * not go away with time.
 */
export async function answerFind(
  parameters: RequestParameters,
  context: AnswerContext,
): Promise<QueryAnswer> {
  const format = readFormat(parameters)
  const pattern = lastValue(parameters, 'query')
  if (pattern === undefined) throw missingQuery()
  const request: FindRequest = {
    pattern:
      format === 'completer' ? toCompletion(pattern, readFlag(parameters, 'automatic_variants')) : pattern,
    basePath: pattern.slice(0, pattern.lastIndexOf('.') + 1),
    hasWildcardRow: readFlag(parameters, 'wildcards'),
    position: readInteger(parameters, 'position', -1),
  }
  const { maxNames, maxAnswerBytes } = context.limits
  const nodes = await context.access.findNodes(request.pattern, maxNames)
  const rows = toRows(nodes).filter((row) => row.isLeaf || !readFlag(parameters, 'leavesOnly'))
  const value = await FIND_FORMATS[format](rows, request, context)
  return encodeJson(value, { ...readJsonStyle(parameters), maxBytes: maxAnswerBytes })
}

interface FindRequest {
  readonly pattern: string
  /** Everything up to the last dot, as it was asked for: globs stay in it. */
  readonly basePath: string
  readonly hasWildcardRow: boolean
  readonly position: number
}

interface FindRow {
  readonly path: string
  readonly name: string
  readonly isLeaf: boolean
}

/** A node that is both gives two rows, the branch first. Sorted by name. */
function toRows(nodes: readonly CatalogNode[]): FindRow[] {
  return nodes
    .flatMap(({ path, name, isLeaf, isBranch }) => [
      ...(isBranch ? [{ path, name, isLeaf: false }] : []),
      ...(isLeaf ? [{ path, name, isLeaf: true }] : []),
    ])
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

const FIND_FORMATS = { treejson: toTree, completer: toCompleter, json: toList, nodelist: toNodeNames }
type FindFormat = keyof typeof FIND_FORMATS

function readFormat(parameters: RequestParameters): FindFormat {
  const format = lastValue(parameters, 'format') ?? 'treejson'
  const names = Object.keys(FIND_FORMATS) as FindFormat[]
  const known = names.find((name) => name === format)
  if (known !== undefined) return known
  throw new KymoError('format-unknown', { format: excerpt(format, 100), known: names.join(', ') })
}

/** What Grafana reads. Branches before leaves; of rows with one name only the first stays. */
function toTree(rows: readonly FindRow[], request: FindRequest): unknown {
  const kinds = new Map<string, boolean>()
  for (const row of rows) if (!kinds.has(row.name)) kinds.set(row.name, row.isLeaf)
  const tree = (isLeaf: boolean) =>
    [...kinds].filter((kind) => kind[1] === isLeaf).map(([name]) => treeNode(name, isLeaf, request))
  const hasBranch = rows.some((row) => !row.isLeaf)
  const wildcard = request.hasWildcardRow && rows.length > 1 ? [treeNode('*', !hasBranch, request)] : []
  return [...wildcard, ...tree(false), ...tree(true)]
}

function treeNode(name: string, isLeaf: boolean, request: FindRequest): unknown {
  const opens = isLeaf ? 0 : 1
  return {
    text: name,
    id: request.basePath + name,
    allowChildren: opens,
    expandable: opens,
    leaf: isLeaf ? 1 : 0,
    context: {},
  }
}

/** What a text field completes to; a branch ends in a dot, ready for the next name. */
function toCompleter(rows: readonly FindRow[], request: FindRequest): unknown {
  const metrics: unknown[] = rows.map(({ path, name, isLeaf }) => ({
    path: isLeaf ? path : `${path}.`,
    name,
    is_leaf: isLeaf ? '1' : '0',
  }))
  return { metrics: request.hasWildcardRow && rows.length > 1 ? [...metrics, { name: '*' }] : metrics }
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

/** Rows with the time their points span, as far as the catalog knows it: leaves only. */
async function toList(
  rows: readonly FindRow[],
  request: FindRequest,
  context: AnswerContext,
): Promise<unknown> {
  const entries = rows.some((row) => row.isLeaf)
    ? await context.access.findSeries(request.pattern, context.limits.maxNames)
    : []
  const intervals = new Map(
    entries.map(({ identity, firstSeenMs, lastSeenMs }) => [
      identity.key,
      { start: Math.floor(firstSeenMs / 1000), end: Math.ceil(lastSeenMs / 1000) },
    ]),
  )
  return rows.map(({ path, isLeaf }) => {
    const interval = isLeaf ? intervals.get(path) : undefined
    return { path, is_leaf: isLeaf, intervals: interval === undefined ? [] : [interval] }
  })
}

/** The names that stand at one place of the paths; -1 is the last. */
function toNodeNames(rows: readonly FindRow[], request: FindRequest): unknown {
  const names = new Set<string>()
  for (const row of rows) {
    const name = row.path.split('.').at(request.position)
    if (name !== undefined) names.add(name)
  }
  return { nodes: [...names].sort() }
}
