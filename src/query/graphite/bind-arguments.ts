import { excerpt } from '../../lib/excerpt.ts'
import { didYouMean } from '../../lib/nearest-word.ts'
import { KymoError } from '../../telemetry/errors.ts'
import type { QuerySeries } from '../query-series.ts'
import type { LiteralValue } from './argument-value.ts'
import { describeLiteral } from './argument-value.ts'
import type { Place, TargetBinder } from './bind-target.ts'
import type { BoundArgument, BoundNode } from './bound-node.ts'
import { anyLiteralOf, fillPath } from './fill-template.ts'
import type { GraphiteFunction } from './graphite-function.ts'
import type { Parameter, ReadContext } from './parameter.ts'
import type { CallNode, TargetNode } from './target-node.ts'

/**
 * Binds the arguments of a call to the parameters of its function: by place, then by name, then what is left to what is
 * missing. Throws the KymoError `argument-invalid`, with the position of the argument.
 */
export function bindArguments(
  definition: GraphiteFunction,
  call: CallNode,
  place: Place,
  binder: TargetBinder,
): Map<string, BoundArgument> {
  const bound = new Map<string, BoundArgument>()
  refuseUnknownNames(definition, call)
  const named = new Map(call.namedArgs)
  let taken = 0
  for (const [name, parameter] of Object.entries(definition.params)) {
    const argument = new ArgumentBinder(definition.name, name, parameter, place, binder)
    if (parameter.isMultiple) {
      const nodes = call.args.slice(taken)
      if (nodes.length === 0 && parameter.isRequired) throw missing(definition, name, call)
      bound.set(name, argument.bindMany(nodes, taken))
      taken = call.args.length
      continue
    }
    const node = call.args[taken++] ?? takeNamed(named, name, parameter)
    const value = node === undefined ? undefined : argument.bind(node, taken)
    if (value !== undefined) bound.set(name, value)
    else if (parameter.isRequired) throw missing(definition, name, call)
    else bound.set(name, { kind: 'value', value: parameter.missing(binder.context) })
  }
  refuseWhatIsLeft(definition, call, taken, named)
  return bound
}

/**
 * Binds series that exist already, one list for each argument; what is missing is what it is by itself. A function that cannot
 * be called so takes other arguments: undefined.
 */
export function bindReadySeries(
  definition: GraphiteFunction,
  lists: readonly (readonly QuerySeries[])[],
  context: ReadContext,
): Map<string, BoundArgument> | undefined {
  const bound = new Map<string, BoundArgument>()
  const left = lists.map((series): BoundNode => ({ kind: 'ready', series, key: 'ready', isShareable: false }))
  for (const [name, parameter] of Object.entries(definition.params)) {
    if (parameter.isMultiple && parameter.takes === 'series') {
      bound.set(name, { kind: 'many', nodes: left.splice(0) })
      continue
    }
    const node = parameter.takes === 'series' || parameter.takes === 'any' ? left.shift() : undefined
    if (node !== undefined && parameter.takes !== 'literal') bound.set(name, { kind: parameter.takes, node })
    else if (parameter.isRequired) return undefined
    else bound.set(name, { kind: 'value', value: parameter.missing(context) })
  }
  return left.length === 0 ? bound : undefined
}

function takeNamed(
  named: Map<string, TargetNode>,
  name: string,
  parameter: Parameter<unknown>,
): TargetNode | undefined {
  for (const one of [name, ...(parameter.alsoNamed ?? [])]) {
    const node = named.get(one)
    if (node !== undefined) {
      named.delete(one)
      return node
    }
  }
  return undefined
}

function missing(definition: GraphiteFunction, name: string, call: CallNode): KymoError {
  return argumentError(definition.name, call.start, `the argument \`${name}\` is missing`)
}

function refuseWhatIsLeft(
  definition: GraphiteFunction,
  call: CallNode,
  taken: number,
  named: ReadonlyMap<string, TargetNode>,
): void {
  const surplus = call.args[taken]
  if (surplus !== undefined) {
    const count = Object.keys(definition.params).length
    const most = count === 0 ? 'no arguments' : `at most ${count} argument${count === 1 ? '' : 's'}`
    throw argumentError(definition.name, surplus.start, `it takes ${most}`)
  }
  for (const [name, node] of named) {
    const reason = `the argument \`${name}\` is given without its name already`
    throw argumentError(definition.name, node.start, reason)
  }
}

/** Before anything else: a misspelt name would be reported as an argument that is missing. */
function refuseUnknownNames(definition: GraphiteFunction, call: CallNode): void {
  const single = Object.entries(definition.params).filter(([, parameter]) => !parameter.isMultiple)
  for (const [name, node] of call.namedArgs) {
    if (single.some(([one, { alsoNamed }]) => one === name || alsoNamed?.includes(name) === true)) continue
    const names = single.map(([one]) => one)
    const reason = `it has no argument \`${excerpt(name, 100)}\`${didYouMean(name, names)}`
    throw argumentError(definition.name, node.start, reason)
  }
}

/** Binds the arguments of one parameter. */
class ArgumentBinder {
  readonly #functionName: string
  readonly #name: string
  readonly #parameter: Parameter<unknown>
  readonly #place: Place
  readonly #binder: TargetBinder

  constructor(
    functionName: string,
    name: string,
    parameter: Parameter<unknown>,
    place: Place,
    binder: TargetBinder,
  ) {
    this.#functionName = functionName
    this.#name = name
    this.#parameter = parameter
    this.#place = place
    this.#binder = binder
  }

  /** `index`: which argument of the call, counted from 1. undefined: `None`, where that says that there is none. */
  bind(node: TargetNode, index: number): BoundArgument | undefined {
    const literal = this.#literalOf(node)
    if (literal?.kind === 'none' && !this.#parameter.isRequired) return undefined
    const { takes } = this.#parameter
    if (takes === 'literal') return { kind: 'value', value: this.#read(literal, node, index) }
    if (takes === 'any' && literal !== undefined) {
      return { kind: 'value', value: this.#read(literal, node, index) }
    }
    return { kind: takes, node: this.#bindSeries(node, literal, index) }
  }

  bindMany(nodes: readonly TargetNode[], before: number): BoundArgument {
    if (this.#parameter.takes === 'literal') {
      const values = nodes.map((node, index) => this.#read(this.#literalOf(node), node, before + index + 1))
      return { kind: 'value', value: values }
    }
    const bound = nodes.map((node, index) =>
      this.#bindSeries(node, this.#literalOf(node), before + index + 1),
    )
    return { kind: 'many', nodes: bound }
  }

  #literalOf(node: TargetNode): LiteralValue | undefined {
    return node.kind === 'path' ? fillPath(node.path, this.#place.template).literal : anyLiteralOf(node)
  }

  #read(literal: LiteralValue | undefined, node: TargetNode, index: number): unknown {
    const read = literal === undefined ? undefined : this.#parameter.read(literal, this.#binder.context)
    if (read !== undefined && 'value' in read) return read.value
    // Asked with what is none, a parameter says what it wants.
    const wanted = read ?? this.#parameter.read({ kind: 'none' }, this.#binder.context)
    throw this.#wrongType(node, index, 'wanted' in wanted ? wanted.wanted : 'a literal', literal)
  }

  #bindSeries(node: TargetNode, literal: LiteralValue | undefined, index: number): BoundNode {
    // A text that a template put in the place of series is a path.
    if (literal !== undefined && (node.kind !== 'path' || literal.kind !== 'string')) {
      throw this.#wrongType(node, index, 'series', literal)
    }
    const bound = this.#binder.bindExpression(node, this.#place)
    const areLists = bound.kind === 'call' && bound.function.givesLists === true
    if (areLists && this.#parameter.takes !== 'lists') {
      const reason = `${this.#which(index)} has to be series, not groups of series: they go into reduceSeries`
      throw argumentError(this.#functionName, node.start, reason)
    }
    return bound
  }

  #wrongType(node: TargetNode, index: number, wanted: string, literal: LiteralValue | undefined): KymoError {
    const found = literal === undefined ? 'series' : describeLiteral(literal)
    return argumentError(
      this.#functionName,
      node.start,
      `${this.#which(index)} has to be ${wanted}, not ${found}`,
    )
  }

  #which(index: number): string {
    return `argument ${index} (\`${this.#name}\`)`
  }
}

function argumentError(functionName: string, start: number, reason: string): KymoError {
  return new KymoError('argument-invalid', { function: functionName, position: start + 1, reason })
}
