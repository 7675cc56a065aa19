import { nextEventLoopTurn } from '../lib/clock.ts'
import type { OpenStore } from '../store/index.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { QueryToKeeper } from './calls.ts'

/**
 * What query threads ask the keeper. There is one search for each turn of the event loop: a port hands over its messages many at
 * a time, and a flush that falls due must not wait for all of them.
 */
export function createCatalogAnswers(store: () => OpenStore | undefined): QueryToKeeper {
  let searching: Promise<unknown> = Promise.resolve()
  function inTurn<Found>(search: () => Found): Promise<Found> {
    const found = searching.then(nextEventLoopTurn).then(search)
    searching = found.catch(() => {})
    return found
  }
  function catalog() {
    const open = store()
    if (open === undefined) throw new KymoError('store-disabled')
    return open.catalog
  }
  return {
    share: () => store()?.engine.share() ?? null,
    findNodes: ({ pattern, limit }) => inTurn(() => catalog().findNodes(pattern, limit)),
    findSeries: ({ pattern, limit }) => inTurn(() => catalog().findSeries(pattern, limit)),
    metrics: (limit) => inTurn(() => catalog().metrics(limit)),
  }
}
