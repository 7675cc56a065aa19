import type { Route } from '../route.ts'

/**
 * The level of Graphite's API that is answered, not the version of Kymo: Grafana reads it as the version of a Graphite
 * and decides by it which routes to ask.
 */
const GRAPHITE_API_LEVEL = '1.1.10'

export const version: Route = {
  methods: ['GET'],
  url: '/version',
  scope: 'read',
  summary: "The level of Graphite's API that is answered. Kymo's own version is in /api/status.",
  answer: { contentTypes: ['text/plain'], description: `\`${GRAPHITE_API_LEVEL}\`` },
  handler: () => () => ({ contentType: 'text/plain; charset=utf-8', body: GRAPHITE_API_LEVEL }),
}
