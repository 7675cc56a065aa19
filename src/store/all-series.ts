import type { CatalogEntry, SeriesCursor, SeriesPage } from './catalog.ts'
import { unpackInOrder } from './catalog/packed-answers.ts'
import { KymoError } from '../telemetry/errors.ts'

/** Asks for one page of all series, as `CatalogAnswers.page` does. */
export type AskForPage = (cursor: SeriesCursor | undefined, limit: number) => Promise<SeriesPage | undefined>

const SERIES_PER_PAGE = 8_192
/** A catalog is built anew when most of it has gone, which is not often. */
const MOST_ATTEMPTS = 20

/** Hands all series to a receiver that is made anew whenever it has to begin again; answers the one that has them all. */
export async function forAllSeries<Receiver extends { add(entry: CatalogEntry): void }>(
  ask: AskForPage,
  create: () => Receiver,
): Promise<Receiver> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const receiver = create()
    if (await handPages(ask, receiver)) return receiver
  }
  throw new Error('BUG: the catalog is built anew again and again')
}

/** All series, in no order. Throws the KymoError `too-many-results` past the limit. */
export async function collectSeries(ask: AskForPage, limit: number): Promise<CatalogEntry[]> {
  const { found } = await forAllSeries(ask, () => {
    const found: CatalogEntry[] = []
    return {
      found,
      add(entry: CatalogEntry) {
        if (found.length >= limit) throw new KymoError('too-many-results', { pattern: '**', limit })
        found.push(entry)
      },
    }
  })
  return found
}

/** False: the catalog has been built anew meanwhile. */
async function handPages(ask: AskForPage, receiver: { add(entry: CatalogEntry): void }): Promise<boolean> {
  let cursor: SeriesCursor | undefined
  do {
    const page = await ask(cursor, SERIES_PER_PAGE)
    if (page === undefined) return false
    for (const entry of unpackInOrder(page.series)) receiver.add(entry)
    cursor = page.next
  } while (cursor !== undefined)
  return true
}
