import { parseLiteral } from './parse-literal.ts'
import { parsePath, seesPath } from './parse-path.ts'
import type { CallNode, LiteralNode, TargetNode, TemplateNode } from './target-node.ts'
import { callDepth, MAX_CALL_DEPTH } from './target-node.ts'
import { TargetReader } from './target-reader.ts'

/**
 * Graphite's language of targets, by recursive descent:
 *
 *   target     = expression, and nothing after it
 *   expression = (template | call | path) { "|" call }
 *   call       = name "(" [ argument { "," argument } { "," name "=" argument } ] ")"
 *   argument   = true | false | number | none | string | inf | expression      (tried in this order)
 *   template   = "template" "(" (call | path) { "," literal } | { "," name "=" literal } ")"
 *
 * Whitespace may stand between any two of these, not inside a path. Where Graphite reads a beginning and silently
 * ignores the rest of a target, this is an error: KymoError `target-invalid`, with the position.
 */
export function parseTarget(target: string, options: { maxLength?: number } = {}): TargetNode {
  const reader = new TargetReader(target)
  const maxLength = options.maxLength ?? DEFAULT_MAX_TARGET_LENGTH
  if (target.length > maxLength) reader.fail(`longer than ${maxLength} characters`, maxLength)
  const node = parseExpression(reader, 1)
  reader.skipSpace()
  if (reader.at < target.length) reader.fail(`unexpected ${reader.describeNext()}`)
  return node
}

export const DEFAULT_MAX_TARGET_LENGTH = 65_536

/** `depth`: of the calls around this place, plus one. */
function parseExpression(reader: TargetReader, depth: number): TargetNode {
  reader.skipSpace()
  return parsePipes(reader, parseCall(reader, depth) ?? parsePath(reader), depth)
}

function parsePipes(reader: TargetReader, first: TargetNode, depth: number): TargetNode {
  let left = first
  while (reader.take('|')) {
    reader.skipSpace()
    const call = parseCall(reader, depth)
    if (call === undefined) reader.fail(`expected a function after "|", found ${reader.describeNext()}`)
    const { name, args, namedArgs, start, end } = call.kind === 'template' ? asCall(call) : call
    left = createCall(reader, { name, args: [left, ...args], namedArgs, start, end })
  }
  return left
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y

/** undefined, and nothing taken, if what comes next is no call. */
function parseCall(reader: TargetReader, depth: number): CallNode | TemplateNode | undefined {
  const start = reader.at
  const name = reader.match(NAME)
  if (name === undefined || !reader.take('(')) {
    reader.at = start
    return undefined
  }
  if (depth > MAX_CALL_DEPTH) reader.fail(`calls are nested deeper than ${MAX_CALL_DEPTH}`, start)
  if (name === 'template') return parseTemplate(reader, start, depth)
  const args = reader.take(')') ? [] : [parseArgument(reader, depth)]
  return parseRestOfCall(reader, { name, args, start }, depth)
}

interface CallBeginning {
  readonly name: string
  readonly args: readonly TargetNode[]
  readonly start: number
}

/** Everything after the first argument; nothing, if there was none. */
function parseRestOfCall(reader: TargetReader, beginning: CallBeginning, depth: number): CallNode {
  const { name, start } = beginning
  const args = [...beginning.args]
  const namedArgs = new Map<string, TargetNode>()
  if (args.length > 0) {
    while (reader.take(',')) {
      const argumentName = takeArgumentName(reader)
      if (argumentName !== undefined) {
        namedArgs.set(argumentName, parseValue(reader, depth))
      } else if (namedArgs.size > 0) {
        reader.fail('arguments without a name come before those with one')
      } else {
        args.push(parseValue(reader, depth))
      }
    }
    if (!reader.take(')')) {
      reader.skipSpace()
      reader.fail(`expected "," or ")" in the arguments of ${name}, found ${reader.describeNext()}`)
    }
  }
  return createCall(reader, { name, args, namedArgs, start, end: reader.at })
}

function parseArgument(reader: TargetReader, depth: number): TargetNode {
  const start = reader.at
  if (takeArgumentName(reader) !== undefined) {
    reader.fail('an argument without a name comes before those with one', start)
  }
  return parseValue(reader, depth)
}

function parseValue(reader: TargetReader, depth: number): TargetNode {
  reader.skipSpace()
  return parseLiteral(reader) ?? parseExpression(reader, depth + 1)
}

/** Takes `name =` where a value follows; otherwise nothing, for `k=` with no value after it is a path. */
function takeArgumentName(reader: TargetReader): string | undefined {
  const before = reader.at
  reader.skipSpace()
  const name = reader.match(NAME)
  if (name !== undefined && reader.take('=')) {
    reader.skipSpace()
    if (seesPath(reader) || reader.sees('"') || reader.sees("'")) return name
  }
  reader.at = before
  return undefined
}

/**
 * `template(...)` is a template if its first argument is a bare path or call and the rest are literals, all with
 * names or all without; otherwise it is a call of that name. Inside, one form serves both: it is parsed once, as a
 * template's, and read again as a call's only if it is a path, so nesting costs no more than length.
 */
function parseTemplate(reader: TargetReader, start: number, depth: number): CallNode | TemplateNode {
  if (reader.take(')')) return createCall(reader, { ...EMPTY_TEMPLATE, start, end: reader.at })
  reader.skipSpace()
  const argumentStart = reader.at
  if (reader.sees('"') || reader.sees("'")) {
    const args = [parseArgument(reader, depth)]
    return parseRestOfCall(reader, { name: 'template', args, start }, depth)
  }
  const expression = parseCall(reader, depth + 1) ?? parsePath(reader)
  reader.skipSpace()
  if (!reader.sees(',') && !reader.sees(')')) {
    const args = [parsePipes(reader, expression, depth + 1)]
    return parseRestOfCall(reader, { name: 'template', args, start }, depth)
  }
  const call = parseRestOfCall(reader, { name: 'template', args: [expression], start }, depth)
  const rest = call.args.slice(1)
  if (rest.length > 0 && call.namedArgs.size > 0) return call
  if ([...rest, ...call.namedArgs.values()].every(isLiteral)) {
    return {
      kind: 'template',
      expression: expression.kind === 'template' ? asCall(expression) : expression,
      args: rest.filter(isLiteral),
      namedArgs: new Map([...call.namedArgs].filter(hasLiteral)),
      start,
      end: call.end,
      depth: call.depth,
    }
  }
  if (expression.kind !== 'path') return call
  return { ...call, args: [parseAgain(reader, argumentStart, expression.end), ...rest] }
}

const EMPTY_TEMPLATE = { name: 'template', args: [], namedArgs: new Map<string, TargetNode>() }

/** A path between `start` and `end`, read as the argument of an ordinary call: perhaps a number or a keyword. */
function parseAgain(reader: TargetReader, start: number, end: number): TargetNode {
  const callEnd = reader.at
  reader.at = start
  const node = parseArgument(reader, 1)
  if (reader.at !== end) reader.fail(`unexpected ${reader.describeNext()}`)
  reader.at = callEnd
  return node
}

function asCall(template: TemplateNode): CallNode {
  const { expression, args, namedArgs, start, end, depth } = template
  return { kind: 'call', name: 'template', args: [expression, ...args], namedArgs, start, end, depth }
}

function isLiteral(node: TargetNode): node is LiteralNode {
  return node.kind === 'number' || node.kind === 'string'
}

function hasLiteral(entry: [string, TargetNode]): entry is [string, LiteralNode] {
  return isLiteral(entry[1])
}

function createCall(reader: TargetReader, call: Omit<CallNode, 'kind' | 'depth'>): CallNode {
  const inner = [...call.args, ...call.namedArgs.values()]
  const depth = 1 + inner.reduce((deepest, node) => Math.max(deepest, callDepth(node)), 0)
  if (depth > MAX_CALL_DEPTH) reader.fail(`calls are nested deeper than ${MAX_CALL_DEPTH}`, call.start)
  return { kind: 'call', ...call, depth }
}
