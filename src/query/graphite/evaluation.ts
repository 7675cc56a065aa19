import { nextEventLoopTurn } from '../../lib/clock.ts'
import { KymoError } from '../../telemetry/errors.ts'
import type { QuerySeries } from '../query-series.ts'
import type { QueryWindow } from '../query-window.ts'
import { windowKey } from '../query-window.ts'
import type { SeriesQuery } from '../../store/access.ts'
import type { SeriesRequest, SeriesSource } from '../series-fetcher.ts'
import type { TargetBinder } from './bind-target.ts'
import type { BoundArgument, BoundCall, BoundFetch, BoundNode } from './bound-node.ts'
import { failCall, nodesOf } from './bound-node.ts'
import type { EvaluationContext } from './evaluate.ts'
import type { FunctionCall, SeriesExpression } from './function-call.ts'
import type { Evaluated } from './graphite-function.ts'
import { parseTarget } from './parse-target.ts'
import { declaredWindows, type PlanFacts, windowInside, windowsOfArguments } from './plan-windows.ts'

/**
 * One query, from bound targets to series, in two passes:
 *
 *   find       looks up which series there are, and so their steps
 *   plan       walks the trees with their windows and collects what to fetch
 *   fetch      reads all of it, together
 *   evaluate   calls functions, from the leaves up; what was planned twice is computed once and handed out twice
 *
 * A function whose windows depend on what it is handed, or that puts together a target of its own, goes through the passes
 * again for that expression.
 */
export class Evaluation {
  readonly #context: EvaluationContext
  readonly #binder: TargetBinder
  readonly #fetcher: SeriesSource
  /** How often a call is still going to be asked for, by key and window. */
  readonly #uses = new Map<string, number>()
  readonly #results = new Map<string, Promise<Evaluated>>()
  readonly #stacks = new Map<string, number[]>()
  readonly #facts: PlanFacts
  #plannedCalls = 0
  /** Points that functions make out of nothing: what memory the query may take besides what it fetches. */
  #reservedPoints = 0
  #steps = 0
  #stepsSincePause = 0
  #nestedTargets = 0

  constructor(context: EvaluationContext, binder: TargetBinder, source: SeriesSource) {
    this.#context = context
    this.#binder = binder
    this.#fetcher = source
    this.#facts = {
      timeZone: context.timeZone,
      maxDataPoints: context.maxDataPoints,
      stepSeconds: (query, window) => source.stepSeconds(query, window),
    }
  }

  async evaluateAll(nodes: readonly BoundNode[], window: QueryWindow): Promise<QuerySeries[]> {
    await this.#prepare(nodes, window)
    const series: QuerySeries[] = []
    for (const node of nodes) for (const one of await this.#evaluateFlat(node, window)) series.push(one)
    return series
  }

  async #prepare(nodes: readonly BoundNode[], window: QueryWindow): Promise<void> {
    await this.#fetcher.find([...new Set(nodes.flatMap(queriesOf))])
    const requests: SeriesRequest[] = []
    for (const node of nodes) this.#plan(node, window, requests)
    await this.#fetcher.fetch(requests)
  }

  /** Each occurrence of a path counts towards the limits; a call that occurs again is not walked through again. */
  #plan(node: BoundNode, window: QueryWindow, requests: SeriesRequest[]): void {
    if (node.kind === 'ready') return
    if (node.kind === 'fetch') {
      requests.push(requestOf(node, window))
      return
    }
    const { maxPlannedCalls } = this.#context.limits
    if (++this.#plannedCalls > maxPlannedCalls) {
      throw new KymoError('query-too-large', { what: 'calls of functions', limit: maxPlannedCalls })
    }
    if (node.isShareable) {
      const use = useKey(node, window)
      const count = this.#uses.get(use) ?? 0
      this.#uses.set(use, count + 1)
      if (count > 0) return
    }
    for (const { child, windows } of windowsOfArguments(node, window, this.#facts)) {
      for (const one of windows) this.#plan(child, one, requests)
    }
  }

  async #evaluateFlat(node: BoundNode, window: QueryWindow): Promise<readonly QuerySeries[]> {
    const evaluated = await this.#evaluate(node, window)
    return evaluated.flat()
  }

  #evaluate(node: BoundNode, window: QueryWindow): Promise<Evaluated> {
    const { trace } = this.#context
    if (trace === undefined) return this.#evaluateOnce(node, window)
    return trace.follow(node, window, () => this.#evaluateOnce(node, window))
  }

  #evaluateOnce(node: BoundNode, window: QueryWindow): Promise<Evaluated> {
    if (node.kind === 'ready') return Promise.resolve(node.series)
    if (node.kind === 'fetch') return Promise.resolve(this.#fetcher.series(requestOf(node, window)))
    if (!node.isShareable) return this.#call(node, window)
    const use = useKey(node, window)
    const usesLeft = (this.#uses.get(use) ?? 1) - 1
    const known = this.#results.get(use)
    const result = known ?? this.#call(node, window)
    if (usesLeft > 0) {
      this.#uses.set(use, usesLeft)
      this.#results.set(use, result)
    } else {
      this.#uses.delete(use)
      this.#results.delete(use)
    }
    return result
  }

  async #call(node: BoundCall, window: QueryWindow): Promise<Evaluated> {
    const args: Record<string, unknown> = {}
    const inside = windowInside(node, window)
    for (const [name, argument] of node.args) args[name] = await this.#evaluateArgument(argument, inside)
    const evaluated = await node.function.evaluate(args, this.#createCall(node, inside))
    let points = 0
    for (const one of evaluated.flat()) points += one.values.length
    await this.#work(points)
    return evaluated
  }

  async #evaluateArgument(argument: BoundArgument, window: QueryWindow): Promise<unknown> {
    switch (argument.kind) {
      case 'value':
        return argument.value
      case 'series':
        return this.#evaluateFlat(argument.node, window)
      case 'any':
        return { kind: 'series', series: await this.#evaluateFlat(argument.node, window) }
      case 'lists':
        return asLists(await this.#evaluate(argument.node, window))
      case 'expression':
        return this.#createExpression(argument.node)
      case 'many': {
        const lists: (readonly QuerySeries[])[] = []
        for (const node of argument.nodes) lists.push(await this.#evaluateFlat(node, window))
        return lists
      }
    }
  }

  #createExpression(node: BoundNode): SeriesExpression {
    return {
      over: async (window) => {
        if (!this.#isPlanned(node, window)) await this.#prepare([node], window)
        return this.#evaluateFlat(node, window)
      },
    }
  }

  #isPlanned(node: BoundNode, window: QueryWindow): boolean {
    if (node.kind === 'ready') return true
    if (node.kind === 'fetch') return this.#fetcher.has(requestOf(node, window))
    return node.isShareable && (this.#uses.get(useKey(node, window)) ?? 0) > 0
  }

  #createCall(node: BoundCall, window: QueryWindow): FunctionCall {
    const { nowSeconds, timeZone, maxDataPoints, limits } = this.#context
    return {
      window,
      windows: declaredWindows(node, window, this.#facts),
      xFilesFactor: node.xFilesFactor,
      nowSeconds,
      timeZone,
      maxDataPoints,
      stacks: this.#stacks,
      random: this.#context.random ?? Math.random,
      reserve: (points) => {
        this.#reservedPoints += Math.max(0, points)
        if (this.#reservedPoints <= limits.maxPoints) return
        throw new KymoError('too-many-points', { points: this.#reservedPoints, limit: limits.maxPoints })
      },
      work: (steps) => this.#work(steps),
      evaluateTargets: (targets) => this.#evaluateTargets(targets, window),
      apply: (name, lists) => this.#apply(name, lists, { node, window }),
      findEventTimes: async (query) => (await this.#context.access.findEventTimes?.(query)) ?? [],
      fail: (reason) => failCall(node, reason),
    }
  }

  async #evaluateTargets(
    targets: readonly string[],
    window: QueryWindow,
  ): Promise<(readonly QuerySeries[])[]> {
    const { maxNestedTargets, maxTargetLength } = this.#context.limits
    if (this.#nestedTargets >= maxNestedTargets) {
      throw new KymoError('query-too-large', { what: 'targets inside each other', limit: maxNestedTargets })
    }
    this.#nestedTargets += 1
    try {
      const nodes = targets.map((target) =>
        this.#binder.bind(parseTarget(target, { maxLength: maxTargetLength }), target),
      )
      await this.#prepare(nodes, window)
      const series: (readonly QuerySeries[])[] = []
      for (const node of nodes) series.push(await this.#evaluateFlat(node, window))
      return series
    } finally {
      this.#nestedTargets -= 1
    }
  }

  async #apply(
    name: string,
    lists: readonly (readonly QuerySeries[])[],
    { node, window }: { node: BoundCall; window: QueryWindow },
  ): Promise<readonly QuerySeries[]> {
    const bound = this.#binder.bindReady(name, lists, node)
    return this.#evaluateFlat(bound, window)
  }

  /** Cancels a query that has become too large; lets others, among them whoever cancels this one, have a turn. */
  async #work(steps: number): Promise<void> {
    const { limits, signal } = this.#context
    signal.throwIfAborted()
    this.#steps += steps
    this.#stepsSincePause += steps
    if (this.#steps > limits.maxSteps) {
      throw new KymoError('query-too-large', { what: 'points computed', limit: limits.maxSteps })
    }
    if (this.#stepsSincePause < STEPS_PER_TURN) return
    this.#stepsSincePause = 0
    await nextEventLoopTurn()
    signal.throwIfAborted()
  }
}

/** Some tens of milliseconds. */
const STEPS_PER_TURN = 5_000_000

function requestOf(node: BoundFetch, window: QueryWindow): SeriesRequest {
  return { query: node.query, pathExpression: node.pathExpression, window }
}

/** Depth is limited where targets are read. */
function queriesOf(node: BoundNode): SeriesQuery[] {
  if (node.kind === 'ready') return []
  return node.kind === 'fetch' ? [node.query] : [...node.args.values()].flatMap(nodesOf).flatMap(queriesOf)
}

function useKey(node: BoundCall, window: QueryWindow): string {
  return `${node.key} ${windowKey(window)}`
}

/** A plain list, where lists are wanted, is one of them. */
function asLists(evaluated: Evaluated): readonly (readonly QuerySeries[])[] {
  return evaluated.every((one) => Array.isArray(one))
    ? (evaluated as readonly (readonly QuerySeries[])[])
    : [evaluated.flat()]
}
