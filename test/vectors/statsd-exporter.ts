import { expect } from 'vitest'
import type { TagForm } from '../../src/formats/index.ts'
import vectors from '../fixtures/statsd/statsd-exporter-lines.json' with { type: 'json' }
import { decodePacket, type Taken } from './statsd-peer.ts'

// What statsd_exporter makes of lines: the forms of tags in names. Its forms are switched one by one; it keeps names and
// rewrites the keys of tags for Prometheus, writes times in seconds, and repeats an observation once for each time it counts.

export const EXPORTER_CASES = vectors.cases.map((vector) => ({
  id: vector.id,
  check: () => check(vector as unknown as Case),
}))

interface Case {
  readonly input: string | { _bytes_latin1: string }
  readonly config: { readonly tag_formats: readonly string[] }
  /** `prefix`: only the events listed are asserted, and there may be more; `nothing`: they show what was meant. */
  readonly asserted: 'exact' | 'prefix' | 'nothing'
  readonly expect: { readonly events: readonly Event[] }
}

interface Event {
  readonly type: string
  readonly name: string
  readonly value: number
  readonly labels: Readonly<Record<string, string>>
  readonly relative?: boolean
}

function check({ input, config, asserted, expect: wanted }: Case): void {
  const tagForms = config.tag_formats.map((form) => (form === 'influxdb' ? 'influx' : form)) as TagForm[]
  const { taken } = decodePacket(input, { rules: { tagForms, names: 'utf8' } })
  if (asserted === 'nothing') return
  const isTime = typeof input === 'string' && input.includes('|ms')
  const events = taken.flatMap((sample) => eventsOf(sample, isTime))
  const compared = asserted === 'exact' ? events : events.slice(0, wanted.events.length)
  expect(compared).toEqual(
    wanted.events.map((event) => ({
      ...event,
      value: expect.closeTo(event.value, 9),
      relative: event.relative ?? false,
    })),
  )
}

function eventsOf(sample: Taken, isTime: boolean): Event[] {
  const { name, type, weight, isDelta } = sample
  const labels = Object.fromEntries(
    Object.entries(sample.tags).map(([key, value]) => [escapeLabel(key), value]),
  )
  const isObserver = type === 'timer'
  const value =
    isObserver && isTime ? sample.value / 1_000 : isObserver ? sample.value : sample.value * weight
  const event = { type: isObserver ? 'observer' : type, name, value, labels, relative: isDelta }
  return Array.from({ length: isObserver ? Math.round(weight) : 1 }, () => event)
}

function escapeLabel(key: string): string {
  return key.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=[0-9])/, '_')
}
