import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Destination, formatDestination, parseDestination } from './destination.ts'
import { HashRing, type RingOptions } from './hash-ring.ts'

/** What ConsistentHashingRouter of carbon 1.1.10 chose. */
const recorded = JSON.parse(readFileSync(`${import.meta.dirname}/../testdata/carbon-rings.json`, 'utf8')) as {
  readonly names: readonly string[]
  readonly rings: readonly (RingOptions & {
    readonly label: string
    readonly destinations: readonly string[]
    readonly chosen: readonly (readonly number[])[]
  })[]
}

describe('a ring', () => {
  test.each(recorded.rings)(
    'of $label by $hash chooses as carbon does, $replicationFactor of them, diverse: $isDiverse',
    ({ destinations, chosen, ...options }) => {
      const ring = new HashRing(
        destinations.map((text) => parseDestination(text) as Destination),
        options,
      )
      expect(recorded.names.map((name) => ring.destinationsOf(name))).toEqual(chosen)
    },
  )

  test('gives nearly all names the place they had when a destination is added', () => {
    const options: RingOptions = { hash: 'carbon_ch', replicationFactor: 1, isDiverse: true }
    const destinations = ['a:1', 'b:1', 'c:1', 'd:1', 'e:1'].map(
      (text) => parseDestination(text) as Destination,
    )
    const before = new HashRing(destinations.slice(0, 4), options)
    const after = new HashRing(destinations, options)
    const names = Array.from({ length: 2_000 }, (_, index) => `name.${index}`)
    const moved = names.filter((name) => before.destinationsOf(name)[0] !== after.destinationsOf(name)[0])
    expect(moved.length).toBeLessThan(800)
    expect(moved.every((name) => after.destinationsOf(name)[0] === 4)).toBe(true)
  })
})

describe('a destination', () => {
  test.each([
    ['graphite1:2004', { host: 'graphite1', port: 2004, instance: null }],
    ['127.0.0.1:2004:a', { host: '127.0.0.1', port: 2004, instance: 'a' }],
    ['[::1]:2004', { host: '::1', port: 2004, instance: null }],
    ['[fe80::1]:2004:b_1', { host: 'fe80::1', port: 2004, instance: 'b_1' }],
  ])('is %s', (text, wanted) => {
    expect(parseDestination(text)).toEqual(wanted)
    expect(formatDestination(wanted)).toBe(text)
  })

  test.each([
    '',
    'graphite1',
    'graphite1:',
    ':2004',
    'a:0',
    'a:65536',
    'a:2004:',
    "a'b:2004",
    'a b:1',
    '::1:2004',
    'a:1:b c',
  ])('is not %j', (text) => {
    expect(parseDestination(text)).toBeUndefined()
  })
})
