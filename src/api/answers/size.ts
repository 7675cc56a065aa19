import type { CatalogChildren } from '../../store/catalog.ts'
import type { StoredSizes } from '../../store/sizes.ts'
import type { ChildSize, SizeOfSeries, SizeOrder, SizeQuestion, SizeReport } from '../services.ts'
import type { AnswerContext } from './answer-context.ts'

/** Children that are looked at one by one; what is in others is added up. */
const MOST_CHILDREN = 250_000

/** What the series below a prefix take up: names are the catalog's, the rest is read from the files. Nobody has said when it was queried. */
export async function answerSize(
  { prefix, limit, order }: SizeQuestion,
  { access, sizeReader }: Pick<AnswerContext, 'access' | 'sizeReader'>,
  signal: AbortSignal,
): Promise<SizeReport> {
  if (access.children === undefined || sizeReader === undefined)
    throw new Error('BUG: there is nobody to ask how large things are')
  const found = await access.children(prefix, MOST_CHILDREN)
  const paths = found.children.map(({ path }) => path)
  const sizes = await sizeReader.sizes({ prefix, children: paths }, signal)
  const children = joinSizes(found, sizes).sort((a, b) => b[order] - a[order] || byRest(a, b, order))
  const others = { series: found.others.series, ...sizes.others }
  return {
    ...children.reduce(addSizes, others),
    children: children.slice(0, limit),
    others: children.slice(limit).reduce(addSizes, others),
  }
}

function joinSizes({ children }: CatalogChildren, { ofChildren }: StoredSizes): ChildSize[] {
  return children.map((child, place) => {
    const { points, slots, bytes } = ofChildren[place] ?? { points: 0, slots: 0, bytes: 0 }
    return { ...child, points, slots, bytes, lastQueriedMs: null, lastQueriedFor: null }
  })
}

function byRest(a: ChildSize, b: ChildSize, order: SizeOrder): number {
  const difference = order === 'series' ? b.bytes - a.bytes : b.series - a.series
  return difference !== 0 ? difference : a.path < b.path ? -1 : 1
}

function addSizes(sum: SizeOfSeries, { series, points, slots, bytes }: SizeOfSeries): SizeOfSeries {
  return {
    series: sum.series + series,
    points: sum.points + points,
    slots: sum.slots + slots,
    bytes: sum.bytes + bytes,
  }
}
