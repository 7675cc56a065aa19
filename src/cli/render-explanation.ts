import { escapeForTerminal } from '../telemetry/escape-for-terminal.ts'
import type { ExplainedStep, MetricExplanation } from './explain-metric.ts'
import type { Style } from './style.ts'

/** For a person: types that fare alike are told of together. */
export function renderExplanation(explanations: readonly MetricExplanation[], style: Style): string {
  const alike = Map.groupBy(explanations, ({ received, steps, limits }) =>
    JSON.stringify({ received, steps, limits }),
  )
  return [...alike.values()].map((group) => renderGroup(group, style)).join('\n')
}

/** Two columns: where it says so, and what. */
type Row = readonly [left: string, right: string]

function renderGroup(group: readonly MetricExplanation[], style: Style): string {
  const [first] = group
  if (first === undefined) return ''
  const rows: Row[] = [
    ['received as', first.received],
    ...first.steps.map((step): Row => [step.from, renderStep(step)]),
    ...(first.admittedAs === null ? [renderRefusal(first)] : renderAdmission(group)),
  ]
  const width = Math.min(WIDEST_LEFT, Math.max(...rows.map(([left]) => left.length)))
  const types = [...new Set(group.map(({ type }) => type))].join(', ')
  const lines = rows.map(
    ([left, right]) => `  ${style.dim(escapeForTerminal(left.padEnd(width)))}  ${escapeForTerminal(right)}`,
  )
  return `${[style.bold(types), ...lines].join('\n')}\n`
}

const WIDEST_LEFT = 40

function renderStep({ verb, pattern, isTooLate, key }: ExplainedStep): string {
  const rule = `${verb} "${pattern}"`
  if (isTooLate) return `${rule}: matches, but too late, after ${RIVALS[verb]} that did`
  if (verb === 'include') return `${rule}: let in`
  return key === null ? `${rule}: refused` : `${rule}: now ${key}`
}

const RIVALS = {
  include: 'an include or exclude',
  exclude: 'an include or exclude',
  rename: 'a rename',
  match: 'a match',
} as const

function renderRefusal({ refusedBy }: MetricExplanation): Row {
  return ['refused', refusedBy === 'exclude' ? 'by that rule' : 'no rule includes it']
}

function renderAdmission(group: readonly MetricExplanation[]): Row[] {
  const [first] = group
  const limits = (first?.limits ?? []).map(({ option, series, overflowKey }) => {
    return `${option}, ${series}; beyond it as ${overflowKey}`
  })
  return [
    ['let in as', first?.admittedAs ?? ''],
    ...withLabel('counts against', limits),
    ...group.flatMap(({ type, series }) =>
      withLabel(type === 'untyped' ? 'stored as' : `stored as ${type}`, series),
    ),
  ]
}

function withLabel(label: string, texts: readonly string[]): Row[] {
  return texts.map((text, index) => [index === 0 ? label : '', text])
}
