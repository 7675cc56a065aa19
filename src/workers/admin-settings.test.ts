import { expect, test } from 'vitest'
import { toAdminSettings } from './admin-settings.ts'

test('settings become paths and text; lists have a line for each value, and what is not set has none', () => {
  const source = { kind: 'default' } as const
  expect(
    toAdminSettings([
      { key: 'http.port', value: 8080, source },
      { key: 'sinks[0].type', value: 'stdout', source },
      { key: 'aggregator.percentiles', value: [90, 99.9], source },
      { key: 'http.allowed_hosts', value: [], source },
      { key: 'aggregator.key_flush.log', value: undefined, source },
    ]),
  ).toEqual([
    { path: ['http', 'port'], value: '8080' },
    { path: ['sinks', '0', 'type'], value: 'stdout' },
    { path: ['aggregator', 'percentiles', '0'], value: '90' },
    { path: ['aggregator', 'percentiles', '1'], value: '99.9' },
  ])
})
