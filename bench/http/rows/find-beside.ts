import type { Bench } from '../../ingest/bench.ts'
import { atLeast, type Criterion } from '../../ingest/criterion.ts'
import type { Row } from '../../ingest/row.ts'
import { quantileOf } from '../../ingest/spread.ts'
import { WrongAnswer } from '../../ingest/wrong-answer.ts'
import { type Answerer, openKymo, openVictoria } from '../answerer.ts'
import { measureInTurns } from '../measure.ts'
import { type NameTree, pointsOf } from '../name-tree.ts'

const TREES: readonly NameTree[] = [
  { centres: 2, hosts: 5, metrics: 1_000 },
  { centres: 4, hosts: 25, metrics: 1_000 },
]
/** Of each question. */
const TURNS = 1_000
const QUICK_TURNS = 10
/** To Kymo the same question is no new one while the names are the same, unless it is told. */
const WAYS = [
  { how: 'anew', parameters: '&noCache=1' },
  { how: 'again', parameters: '' },
]

interface Question {
  readonly about: string
  readonly query: (tree: NameTree, turn: number) => string
  /** All names that it finds. */
  readonly names: (tree: NameTree, turn: number) => readonly string[]
}

/** What somebody asks who opens a tree level by level, looks across it, or types the beginning of a name. */
const QUESTIONS: readonly Question[] = [
  {
    // Not `*`: Kymo has metrics of its own.
    about: 'dc*',
    query: () => 'dc*',
    names: ({ centres }) => numbered('dc', centres),
  },
  {
    about: 'dc.*',
    query: (tree, turn) => `${centre(tree, turn)}.*`,
    names: ({ hosts }) => numbered('host', hosts),
  },
  {
    about: 'dc.host.*',
    query: (tree, turn) => `${centre(tree, turn)}.${host(tree, turn)}.*`,
    names: ({ metrics }) => numbered('metric', metrics),
  },
  {
    about: 'dc.host.metric.*',
    query: (tree, turn) => `${centre(tree, turn)}.${host(tree, turn)}.${metric(tree, turn)}.*`,
    names: () => ['rate'],
  },
  {
    about: 'dc.host.metric1*',
    query: (tree, turn) => `${centre(tree, turn)}.${host(tree, turn)}.metric1*`,
    names: ({ metrics }) => numbered('metric', metrics).filter((name) => name.startsWith('metric1')),
  },
  {
    about: '*.host.*',
    query: (tree, turn) => `*.${host(tree, turn)}.*`,
    names: ({ metrics }) => numbered('metric', metrics),
  },
  {
    about: 'dc.*.metric.*',
    query: (tree, turn) => `${centre(tree, turn)}.*.${metric(tree, turn)}.*`,
    names: () => ['rate'],
  },
]

export const findBeside: Row = {
  name: 'find-beside',
  about: 'up to 1,000 names found among 10,000 and 100,000 paths, in turns with VictoriaMetrics',
  async run(bench) {
    const figures: Record<string, string | number> = {}
    const criteria: Criterion[] = []
    for (const tree of TREES) {
      const compared = await compareIn(tree, bench)
      Object.assign(figures, compared.figures)
      criteria.push(...compared.criteria)
    }
    return { figures, criteria }
  },
}

async function compareIn(tree: NameTree, bench: Bench) {
  const set = pointsOf(tree)
  await using victoria = await openVictoria(bench, set)
  await using kymo = await openKymo(bench, set)
  const both = [kymo, victoria]
  const turns = bench.options.isQuick ? QUICK_TURNS : TURNS
  const figures: Record<string, string | number> = {}
  const criteria: Criterion[] = []
  for (const { how, parameters } of WAYS) {
    const about = `${set.pointCount.toLocaleString('en')} paths, ${how}`
    const all = new Map<Answerer, number[]>(both.map((one) => [one, []]))
    for (const question of QUESTIONS) {
      const ask = (answerer: Answerer, turn: number): Promise<() => void> =>
        askNames(answerer, { question, tree, turn, parameters })
      // Not counted: the first of everything has its own price.
      await measureInTurns(both, turns, ask)
      const spent = await measureInTurns(both, turns, ask)
      for (const [one, ms] of spent) all.get(one)?.push(...ms)
      figures[`${about}, ${question.about}, p50 ms`] = [...spent]
        .map(([{ name }, ms]) => `${name} ${quantileOf(ms, 0.5)}`)
        .join(', ')
    }
    for (const [quantile, share] of [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const) {
      const [kymoMs = 0, victoriaMs = 0] = both.map((one) => quantileOf(all.get(one) ?? [], share))
      figures[`${about}, kymo, ${quantile} ms`] = kymoMs
      figures[`${about}, ${victoria.name}, ${quantile} ms`] = victoriaMs
      criteria.push(atLeast(1, `times as long, ${victoria.name}, ${about}, ${quantile}`, victoriaMs / kymoMs))
    }
  }
  return { figures, criteria }
}

interface AskedNames {
  readonly question: Question
  readonly tree: NameTree
  readonly turn: number
  readonly parameters: string
}

/** Throws where another set of names is found than there is: the same one is wanted of both. */
async function askNames(
  { name, ask }: Answerer,
  { question: { query, names }, tree, turn, parameters }: AskedNames,
): Promise<() => void> {
  const asked = query(tree, turn)
  const body = await ask(`/metrics/find?query=${encodeURIComponent(asked)}${parameters}`)
  return () => {
    const found = (JSON.parse(body) as { text: string }[]).map(({ text }) => text)
    const wanted = new Set(names(tree, turn))
    if (found.length !== wanted.size || found.some((text) => !wanted.has(text)))
      throw new WrongAnswer(
        `${name} finds ${found.length} names for ${asked}, and not the ${wanted.size} that there are`,
      )
  }
}

function numbered(start: string, count: number): string[] {
  return Array.from({ length: count }, (_, number) => `${start}${number}`)
}

function centre({ centres }: NameTree, turn: number): string {
  return `dc${turn % centres}`
}

function host({ hosts }: NameTree, turn: number): string {
  return `host${turn % hosts}`
}

function metric({ metrics }: NameTree, turn: number): string {
  return `metric${(turn * 7) % metrics}`
}
