import type { QuerySeries } from '../query-series.ts'
import type { QueryWindow } from '../query-window.ts'
import type { BoundNode } from './bound-node.ts'
import { literalsOf } from './bound-node.ts'
import type { Evaluated } from './graphite-function.ts'

/** What was evaluated for a part of a target, and for its parts. */
export interface TracedNode {
  /** A path, or a function with its literals: `scale(…, factor=2)`. */
  readonly label: string
  readonly fromSeconds: number
  readonly untilSeconds: number
  readonly seriesCount: number
  /** Nulls included. */
  readonly pointCount: number
  /** Seconds between points of the finest and the coarsest series; 0: there are none. */
  readonly finestStepSeconds: number
  readonly coarsestStepSeconds: number
  readonly children: readonly TracedNode[]
}

type OpenNode = { -readonly [Key in keyof TracedNode]: TracedNode[Key] } & { children: OpenNode[] }

/** Follows an evaluation. Parts are evaluated one after the other, so the part that is open is the one that asks. */
export class EvaluationTrace {
  readonly #roots: OpenNode[] = []
  readonly #open: OpenNode[] = []

  /** One for each target, in their order. */
  get roots(): readonly TracedNode[] {
    return this.#roots
  }

  async follow(node: BoundNode, window: QueryWindow, evaluate: () => Promise<Evaluated>): Promise<Evaluated> {
    const { fromSeconds, untilSeconds } = window
    const traced: OpenNode = { label: labelOf(node), fromSeconds, untilSeconds, ...NOTHING, children: [] }
    const siblings = this.#open.at(-1)?.children ?? this.#roots
    siblings.push(traced)
    this.#open.push(traced)
    try {
      const evaluated = await evaluate()
      Object.assign(traced, countsOf(evaluated.flat()))
      return evaluated
    } finally {
      this.#open.pop()
    }
  }
}

const NOTHING = { seriesCount: 0, pointCount: 0, finestStepSeconds: 0, coarsestStepSeconds: 0 }

function countsOf(series: readonly QuerySeries[]): typeof NOTHING {
  if (series.length === 0) return NOTHING
  const steps = series.map(({ stepSeconds }) => stepSeconds)
  return {
    seriesCount: series.length,
    pointCount: series.reduce((count, { values }) => count + values.length, 0),
    finestStepSeconds: Math.min(...steps.slice(0, MOST_STEPS)),
    coarsestStepSeconds: Math.max(...steps.slice(0, MOST_STEPS)),
  }
}

/** What may be handed over as arguments. */
const MOST_STEPS = 10_000

function labelOf(node: BoundNode): string {
  if (node.kind === 'fetch') return node.pathExpression
  if (node.kind === 'ready') return `${node.series.length} series`
  const literals = Object.entries(literalsOf(node)).filter(([, value]) => value !== undefined)
  const texts = literals.map(([name, value]) => `${name}=${literalText(value)}`)
  return `${node.function.name}(${texts.join(', ')})`
}

function literalText(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'text' in value) return JSON.stringify(value.text)
  if (typeof value === 'object' && value !== null && 'name' in value) return JSON.stringify(value.name)
  return typeof value === 'number' ? String(value) : JSON.stringify(value)
}
