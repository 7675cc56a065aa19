import type { RouteRequest } from './route.ts'
import type { ApiServices, QueryAnswer } from './services.ts'

/** `/metrics/find`: at once where that is possible, and then nobody has to be told when the client goes away. */
export function findNodes(
  services: Pick<ApiServices, 'query' | 'queryNow'>,
  request: Pick<RouteRequest, 'parameters' | 'signal'>,
): QueryAnswer | Promise<QueryAnswer> {
  const query = { kind: 'find', parameters: request.parameters } as const
  return services.queryNow?.(query) ?? services.query(query, request.signal)
}
