import { expect, test } from 'vitest'
import { renderLink } from './render-link.ts'

const span = { fromSeconds: 1_000.5, untilSeconds: 4_600 }
const wanted = { targets: ['a.*'], span, isLive: true, zone: 'Europe/Berlin', format: 'png' } as const

test.each([
  [wanted, '/render?target=a.*&from=-3600s&until=now&tz=Europe%2FBerlin&width=800&height=400&format=png'],
  [
    { ...wanted, isLive: false, zone: 'UTC', format: 'csv', targets: ['alias(a,"b&c")', 'd'] } as const,
    '/render?target=alias%28a%2C%22b%26c%22%29&target=d&from=1000&until=4600&tz=UTC&format=csv',
  ],
  [{ ...wanted, targets: [] }, undefined],
  [{ ...wanted, targets: ['x'.repeat(7_000)] }, undefined],
])('%j is at %s', (link, address) => {
  expect(renderLink(link)).toBe(address)
})
