import type { Catalog, CatalogAnswers } from '../store/catalog.ts'
import type { EventStore } from '../store/events.ts'
import type { OpenStore } from '../store/index.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { QueryToKeeper } from './calls.ts'

/** What query threads ask the keeper. */
export function createCatalogAnswers(
  store: () => OpenStore | undefined,
  events: () => EventStore,
): QueryToKeeper {
  function catalog(): Catalog {
    const open = store()
    if (open === undefined) throw new KymoError('store-disabled')
    return open.catalog
  }
  const answers = (): CatalogAnswers => catalog().answers
  return {
    share: () => store()?.engine.share() ?? null,
    catalogVersion: () => catalog().version.buffer,
    findNodes: async ({ pattern, limit, ...choice }, signal) =>
      answers().findNodes(pattern, limit, choice, signal),
    findSeries: async ({ pattern, limit }, signal) => answers().findSeries(pattern, limit, signal),
    findSeriesByTags: async ({ expressions, limit }, signal) =>
      answers().findSeriesByTags(expressions, limit, signal),
    tags: async (question, signal) => answers().tags(question, signal),
    tagValues: async ({ tag, ...question }, signal) => answers().tagValues(tag, question, signal),
    metrics: async (question, signal) => answers().metrics(question, signal),
    services: async (limit, signal) => answers().services(limit, signal),
    children: async ({ prefix, limit }, signal) => answers().children(prefix, limit, signal),
    page: async ({ cursor, limit }, signal) => answers().page(cursor, limit, signal),
    findEventTimes: (query) =>
      events()
        .find(query)
        .map(({ timeMs }) => timeMs),
  }
}
