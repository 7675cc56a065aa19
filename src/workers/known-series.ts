import type { StoreAccess } from '../store/access.ts'
import type { CatalogEntry } from '../store/catalog.ts'

type Finds = Pick<StoreAccess, 'findSeries' | 'findSeriesByTags'>

interface Found {
  /** How often the catalog had changed before it was asked. */
  readonly changes: number
  readonly limit: number
  readonly entries: readonly CatalogEntry[]
}

/** Of all that is remembered together: some MB. */
const MOST_ENTRIES = 50_000
/** What a find costs that found little. */
const ENTRIES_OF_A_FIND = 10

/**
 * Which series a query thread has found, as long as the catalog has not changed since: the panels of a dashboard ask for the same again and again,
 * and to ask the thread of the catalog means to wake it and to be woken, which takes longer than the answer.
 */
export class KnownSeries {
  readonly #changes: () => number
  /** The ones used last come last. */
  readonly #found = new Map<string, Found>()
  #size = 0

  constructor(changes: () => number) {
    this.#changes = changes
  }

  /** `finds` is asked for what is not known. What it rejects with is not remembered. */
  over(finds: Finds): Finds {
    return {
      findSeries: (pattern, limit) =>
        this.#find(`p${pattern}`, limit, () => finds.findSeries(pattern, limit)),
      findSeriesByTags: (expressions, limit) =>
        this.#find(`t${JSON.stringify(expressions)}`, limit, () =>
          finds.findSeriesByTags(expressions, limit),
        ),
    }
  }

  async #find(key: string, limit: number, ask: () => Promise<CatalogEntry[]>): Promise<CatalogEntry[]> {
    const changes = this.#changes()
    const known = this.#found.get(key)
    if (known !== undefined) {
      this.#forget(key, known)
      if (known.changes === changes && known.limit === limit) {
        this.#remember(key, known)
        return [...known.entries]
      }
    }
    const entries = await ask()
    this.#remember(key, { changes, limit, entries: [...entries] })
    return entries
  }

  #remember(key: string, found: Found): void {
    const before = this.#found.get(key)
    if (before !== undefined) this.#forget(key, before)
    this.#found.set(key, found)
    this.#size += sizeOf(found)
    for (const [oldest, one] of this.#found) {
      if (this.#size <= MOST_ENTRIES) return
      this.#forget(oldest, one)
    }
  }

  #forget(key: string, found: Found): void {
    this.#found.delete(key)
    this.#size -= sizeOf(found)
  }
}

function sizeOf({ entries }: Found): number {
  return entries.length + ENTRIES_OF_A_FIND
}
