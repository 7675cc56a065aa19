import type { Route } from '../route.ts'

export const live: Route = {
  methods: ['GET'],
  url: '/api/live',
  scope: 'read',
  summary: 'What happens, as server-sent events.',
  description:
    'Events: `status` (the report of /api/status; at once, each second if it changed, at least every 5 s), `flush` ' +
    '(`timestamp`, `timestamp_ms`) and `rejection` (a refused line and its reason).',
  answer: { contentTypes: ['text/event-stream'], description: 'A stream that ends when the client leaves.' },
  handler:
    ({ live: feed }) =>
    ({ method }) => ({
      contentType: 'text/event-stream; charset=utf-8',
      // Proxies that collect answers before they pass them on would hold the events back.
      headers: { 'x-accel-buffering': 'no' },
      body: method === 'HEAD' ? '' : feed.join(),
    }),
}
