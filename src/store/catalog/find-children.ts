import type { Slices } from '../../lib/slices.ts'
import { childPathOf, isByTag } from '../child-path.ts'
import type { CatalogColumns } from './catalog-columns.ts'
import { ChildrenPacker, type PackedChildren } from './packed-children.ts'
import { NONE, ROOT } from './path-tree.ts'

/** The contract is that of `CatalogAnswers.children`. What comes meanwhile may be counted or not. */
export function* findChildren(
  columns: CatalogColumns,
  prefix: string,
  limit: number,
): Slices<PackedChildren> {
  const packer = new ChildrenPacker(limit)
  if (!isByTag(prefix)) yield* addFromTree(columns, prefix, packer)
  yield* addTagged(columns, prefix, packer)
  return packer.finish()
}

function* addFromTree({ tree, rows }: CatalogColumns, prefix: string, packer: ChildrenPacker): Slices<void> {
  const top = prefix === '' ? ROOT : tree.find(prefix)
  if (prefix !== '' && top === NONE) return
  const add = (row: number, place: number, isAt: boolean): void => {
    if (row < 0) return
    packer.add(place, isAt, rows.firstSeenMs[row] as number, rows.lastSeenMs[row] as number)
  }
  if (top !== ROOT && tree.rowOf(top) >= 0) add(tree.rowOf(top), packer.placeOf(prefix), true)
  const above = prefix === '' ? '' : `${prefix}.`
  const looking = tree.beginLooking()
  try {
    let steps = 0
    const waiting: number[] = []
    for (let child = tree.firstChildOf(top); child !== NONE; child = tree.nextOf(child)) {
      if (++steps % NODES_IN_A_SLICE === 0) yield
      if (!tree.has(child)) continue
      const place = packer.placeOf(above + tree.names.text(tree.nameOf(child)))
      add(tree.rowOf(child), place, true)
      for (let branch: number | undefined = child; branch !== undefined; branch = waiting.pop()) {
        for (let node = tree.firstChildOf(branch); node !== NONE; node = tree.nextOf(node)) {
          if (++steps % NODES_IN_A_SLICE === 0) yield
          add(tree.rowOf(node), place, false)
          if (tree.firstChildOf(node) !== NONE) waiting.push(node)
        }
      }
    }
  } finally {
    tree.endLooking(looking)
  }
}

function* addTagged({ tagged, rows }: CatalogColumns, prefix: string, packer: ChildrenPacker): Slices<void> {
  const bytes = Buffer.from(prefix)
  // A lone surrogate in the prefix is none in UTF-8, and keys do not begin with tags.
  const isPlain = prefix.isWellFormed() && !isByTag(prefix)
  for (let ordinal = 0; ordinal < tagged.index.limit; ordinal++) {
    if (ordinal % KEYS_IN_A_SLICE === KEYS_IN_A_SLICE - 1) yield
    const number = tagged.numberAt(ordinal)
    if (number < 0 || (isPlain && !tagged.mayBeginWith(number, bytes))) continue
    const key = tagged.text(number)
    const path = childPathOf(key, prefix)
    if (path === undefined) continue
    const row = tagged.rowAt(number)
    packer.add(
      packer.placeOf(path),
      path.length === key.length,
      rows.firstSeenMs[row] as number,
      rows.lastSeenMs[row] as number,
    )
  }
}

const NODES_IN_A_SLICE = 128
const KEYS_IN_A_SLICE = 64
