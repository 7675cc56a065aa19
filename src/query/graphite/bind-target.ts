import { excerpt } from '../../lib/excerpt.ts'
import { nearestWord } from '../../lib/nearest-word.ts'
import { KymoError } from '../../telemetry/errors.ts'
import type { QuerySeries } from '../query-series.ts'
import { findAggregation } from './aggregation-name.ts'
import type { BoundArgument, BoundCall, BoundNode } from './bound-node.ts'
import { literalsOf } from './bound-node.ts'
import { bindArguments, bindReadySeries } from './bind-arguments.ts'
import type { TemplateValues } from './fill-template.ts'
import { fillPath, templateValues } from './fill-template.ts'
import type { GraphiteFunction } from './graphite-function.ts'
import type { Parameters, ReadContext } from './parameter.ts'
import type { CallNode, TargetNode, TemplateNode } from './target-node.ts'

export interface BindContext extends ReadContext {
  readonly functions: ReadonlyMap<string, GraphiteFunction>
  /** The request's `template[name]=value`. */
  readonly template: ReadonlyMap<string, string>
  /** The request's own. */
  readonly xFilesFactor: number | undefined
}

/**
 * Gives the nodes of targets their meaning, one target after the other: what they have in common is known by its key. Throws
 * the KymoErrors `function-unknown` and `argument-invalid`, with the position in the target.
 */
export class TargetBinder {
  readonly context: BindContext
  readonly #keys = new Map<string, number>()
  /** In effect where binding has come to: as evaluation would, it goes through arguments before their call. */
  #xFilesFactor: number | undefined

  constructor(context: BindContext) {
    this.context = context
    this.#xFilesFactor = context.xFilesFactor
  }

  /** `target`: the text that the node was parsed from. */
  bind(node: TargetNode, target: string): BoundNode {
    this.#xFilesFactor = this.context.xFilesFactor
    return this.bindExpression(node, { target, template: NO_TEMPLATE })
  }

  bindExpression(node: TargetNode, place: Place): BoundNode {
    switch (node.kind) {
      case 'path':
        return this.bindPath(fillPath(node.path, place.template).path)
      case 'call':
        return this.#bindCall(node, place)
      case 'template':
        return this.#bindTemplate(node, place)
      case 'number':
      case 'string':
      case 'boolean':
      case 'none':
      case 'infinity':
        throw new Error(`BUG: a ${node.kind} where series are wanted`)
    }
  }

  bindPath(pattern: string): BoundNode {
    const query = { kind: 'path', pattern } as const
    return {
      kind: 'fetch',
      query,
      pathExpression: pattern,
      key: this.#keyOf(`path ${pattern}`),
      isShareable: true,
    }
  }

  /** A call of `definition` with arguments that are bound already. */
  createCall(
    definition: GraphiteFunction,
    args: ReadonlyMap<string, BoundArgument>,
    { position, text }: { position: number; text: string },
  ): BoundNode {
    const call: BoundCall = {
      kind: 'call',
      function: definition,
      args,
      position,
      xFilesFactor: this.#xFilesFactor,
      ...this.#identityOf(definition, args),
    }
    const literals = literalsOf(call)
    if (definition.setsXFilesFactor !== undefined) {
      this.#xFilesFactor = definition.setsXFilesFactor(literals)
    }
    if (definition.query === undefined) return call
    const { key, isShareable } = call
    return { kind: 'fetch', query: definition.query(literals), pathExpression: text, key, isShareable }
  }

  /** A call with series for its arguments. Of an aggregation it is `aggregate`. */
  bindReady(name: string, lists: readonly (readonly QuerySeries[])[], caller: BoundCall): BoundNode {
    const aggregation = this.context.functions.has(name) ? undefined : findAggregation(name)
    const definition = this.findFunction(aggregation === undefined ? name : 'aggregate', caller.position)
    const args =
      aggregation === undefined
        ? bindReadySeries(definition, lists, this.context)
        : bindReadySeries(
            { ...definition, params: withFixed(definition.params, 'func', aggregation) },
            lists,
            this.context,
          )
    if (args === undefined) {
      const reason = `${definition.name} cannot be called with series alone`
      throw new KymoError('argument-invalid', {
        function: caller.function.name,
        position: caller.position,
        reason,
      })
    }
    const key = this.#keyOf(`ready ${caller.key}`)
    return {
      kind: 'call',
      function: definition,
      args,
      position: caller.position,
      xFilesFactor: caller.xFilesFactor,
      key,
      isShareable: false,
    }
  }

  findFunction(name: string, position: number): GraphiteFunction {
    const definition = this.context.functions.get(name)
    if (definition !== undefined) return definition
    const nearest = nearestWord(name, this.context.functions.keys())
    const suggestion = nearest === undefined ? '' : `; did you mean "${nearest}"?`
    throw new KymoError('function-unknown', { name: excerpt(name, 100), position, suggestion })
  }

  #bindCall(node: CallNode, place: Place): BoundNode {
    const position = node.start + 1
    if (node.name === 'template') {
      throw new KymoError('argument-invalid', {
        function: 'template',
        position,
        reason: 'after a path or a function it takes only numbers and texts, all of them with names or none',
      })
    }
    const definition = this.findFunction(node.name, position)
    const args = bindArguments(definition, node, place, this)
    return this.createCall(definition, args, { position, text: place.target.slice(node.start, node.end) })
  }

  /** Inside a template another one starts anew, as in Graphite. */
  #bindTemplate(node: TemplateNode, { target }: Place): BoundNode {
    const template = templateValues(node, this.context.template)
    return this.bindExpression(node.expression, { target, template })
  }

  #identityOf(
    definition: GraphiteFunction,
    args: ReadonlyMap<string, BoundArgument>,
  ): Pick<BoundCall, 'key' | 'isShareable'> {
    let isShareable = definition.isEachCallItsOwn !== true
    const texts = [...args].map(([name, argument]) => {
      if (argument.kind === 'value') return `${name}=${JSON.stringify(argument.value, keyReplacer)}`
      const nodes = argument.kind === 'many' ? argument.nodes : [argument.node]
      if (nodes.some((node) => !node.isShareable)) isShareable = false
      return `${name}=${nodes.map((node) => `#${node.key}`).join()}`
    })
    return {
      key: this.#keyOf(`${definition.name}(${texts.join(', ')}) ${this.#xFilesFactor ?? ''}`),
      isShareable,
    }
  }

  #keyOf(text: string): string {
    let key = this.#keys.get(text)
    if (key === undefined) {
      key = this.#keys.size
      this.#keys.set(text, key)
    }
    return String(key)
  }
}

/** Where a node stands: the text around it, and what its `$names` stand for. */
export interface Place {
  readonly target: string
  readonly template: TemplateValues
}

const NO_TEMPLATE: TemplateValues = new Map()

function withFixed(params: Parameters, name: string, value: unknown): Parameters {
  const fixed = params[name]
  if (fixed === undefined) throw new Error(`BUG: there is no parameter ${name}`)
  return { ...params, [name]: { ...fixed, isRequired: false, missing: () => value } }
}

/** JSON has no word for infinity. */
function keyReplacer(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}
