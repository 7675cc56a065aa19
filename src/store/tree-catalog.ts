import { compilePathGlob } from '../lib/glob.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import type { SeriesKey } from '../model/series-key.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { Catalog, CatalogEntry, CatalogMetric, CatalogNode } from './catalog.ts'
import { MetricIndex } from './metric-index.ts'
import { searchTree } from './search-tree.ts'

/**
 * The catalog in memory: every series by its key, and the untagged ones also as a tree of the nodes of their names.
 *
 *   stats ── counters ── api ── count     (series)
 *                           └── rate      (series)
 */
export class TreeCatalog implements Catalog {
  readonly #entries = new Map<SeriesKey, MutableEntry>()
  readonly #root: TreeNode = { children: undefined, entry: undefined }
  readonly #metrics = new MetricIndex()

  get seriesCount(): number {
    return this.#entries.size
  }

  get metricCount(): number {
    return this.#metrics.size
  }

  touch(identity: SeriesIdentity, timeMs: number): void {
    const entry = this.#entries.get(identity.key)
    if (entry === undefined) this.#add({ identity, firstSeenMs: timeMs, lastSeenMs: timeMs })
    else {
      // A series may come back as something else: a configuration changed how it rolls up, or a name its type.
      if (entry.identity !== identity) {
        this.#metrics.remove(entry)
        entry.identity = identity
        this.#metrics.add(entry)
      }
      if (timeMs > entry.lastSeenMs) entry.lastSeenMs = timeMs
      if (timeMs < entry.firstSeenMs) {
        entry.firstSeenMs = timeMs
        this.#metrics.reorder()
      }
    }
  }

  get(key: SeriesKey): CatalogEntry | undefined {
    return this.#entries.get(key)
  }

  findNodes(pattern: string, limit: number): CatalogNode[] {
    return this.#search(pattern, limit, () => true).map(({ path, node }) => ({
      path,
      name: path.slice(path.lastIndexOf('.') + 1),
      isLeaf: node.entry !== undefined,
      isBranch: node.children !== undefined,
    }))
  }

  findSeries(pattern: string, limit: number): CatalogEntry[] {
    if (pattern.includes(';')) {
      const entry = this.#entries.get(pattern)
      return entry === undefined ? [] : [entry]
    }
    return this.#search(pattern, limit, (node) => node.entry !== undefined).flatMap(
      ({ node }) => node.entry ?? [],
    )
  }

  metrics(limit: number): CatalogMetric[] {
    return this.#metrics.newestFirst(limit)
  }

  remove(keys: readonly SeriesKey[]): number {
    let removed = 0
    for (const key of keys) {
      const entry = this.#entries.get(key)
      if (entry === undefined) continue
      this.#entries.delete(key)
      this.#metrics.remove(entry)
      this.#prune(key)
      removed++
    }
    return removed
  }

  /** Forgets the series that have no point as new as `timeMs`; returns how many there were. */
  removeUnseenSince(timeMs: number): number {
    const stale: SeriesKey[] = []
    for (const [key, entry] of this.#entries) if (entry.lastSeenMs < timeMs) stale.push(key)
    return this.remove(stale)
  }

  #add(entry: MutableEntry): void {
    const { key } = entry.identity
    this.#entries.set(key, entry)
    this.#metrics.add(entry)
    if (isTagged(key)) return
    let node = this.#root
    for (const name of key.split('.')) {
      const siblings = (node.children ??= new Map<string, TreeNode>())
      let child = siblings.get(name)
      if (child === undefined) siblings.set(name, (child = { children: undefined, entry: undefined }))
      node = child
    }
    node.entry = entry
  }

  #prune(key: SeriesKey): void {
    if (isTagged(key)) return
    const names = key.split('.')
    const trail: TreeNode[] = [this.#root]
    for (const name of names) {
      const child = trail.at(-1)?.children?.get(name)
      if (child === undefined) return
      trail.push(child)
    }
    const leaf = trail.at(-1)
    if (leaf !== undefined) leaf.entry = undefined
    for (let depth = names.length; depth > 0; depth--) {
      const node = trail[depth]
      const parent = trail[depth - 1]
      if (node === undefined || node.entry !== undefined || node.children !== undefined) return
      parent?.children?.delete(names[depth - 1] ?? '')
      if (parent?.children?.size === 0) parent.children = undefined
    }
  }

  /** Wanted nodes that match, sorted by path, each once. */
  #search(pattern: string, limit: number, isWanted: (node: TreeNode) => boolean): FoundNode[] {
    const glob = compilePathGlob(pattern)
    if (!glob.isCompiled) throw refusal(pattern, glob.limit)
    const found = new Map<TreeNode, string>()
    const budget = { stepsLeft: MOST_STEPS }
    searchTree({
      root: this.#root,
      alternatives: glob.alternatives,
      budget,
      visit(node, path) {
        if (!isWanted(node)) return
        // A path is put together from pieces, the key of its series is whole already.
        found.set(node, node.entry?.identity.key ?? path)
        if (found.size > limit)
          throw new KymoError('too-many-results', { pattern: excerptOf(pattern), limit })
      },
    })
    if (budget.stepsLeft < 0) throw refusal(pattern, 'takes too long to look for; narrow its first nodes')
    return [...found]
      .map(([node, path]) => ({ path, node }))
      .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  }
}

/**
 * What one search may cost, in the steps of lib/glob.ts: a fraction of a second, or a million series and a few
 * wildcards. The catalog is searched by the thread that flushes.
 */
const MOST_STEPS = 32_000_000

interface TreeNode {
  /** Never empty: most nodes are leaves, and a Map for each would be most of the catalog. */
  children: Map<string, TreeNode> | undefined
  entry: MutableEntry | undefined
}

interface MutableEntry extends CatalogEntry {
  identity: SeriesIdentity
  firstSeenMs: number
  lastSeenMs: number
}

interface FoundNode {
  readonly path: string
  readonly node: TreeNode
}

function isTagged(key: SeriesKey): boolean {
  return key.includes(';')
}

function refusal(pattern: string, reason: string): KymoError {
  return new KymoError('request-invalid', { problem: `The pattern "${excerptOf(pattern)}" ${reason}.` })
}

const EXCERPT_CHARACTERS = 200

function excerptOf(pattern: string): string {
  return pattern.length <= EXCERPT_CHARACTERS ? pattern : `${pattern.slice(0, EXCERPT_CHARACTERS)}…`
}
