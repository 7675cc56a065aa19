import { expect } from 'vitest'
import vectors from '../fixtures/statsd/etsy-lines.json' with { type: 'json' }
import { decodePacket, type Decoded } from './statsd-peer.ts'

// What etsy's statsd makes of lines, under the profile `statsd`.

type Case = (typeof vectors.cases)[number]

export const ETSY_CASES = vectors.cases.map((vector) => ({ id: vector.id, check: () => check(vector) }))

function check(vector: Case): void {
  switch (vector.kind) {
    case 'valid_packet':
      // The fields of a value, without their name.
      expect(decode(`a:${vector.input?.join('|')}`).reasons.length === 0).toBe(vector.expect)
      return
    case 'must_not_crash':
      expect(() => decode(lines(vector))).not.toThrow()
      return
    case 'wire_to_graphite':
      checkSeries(vector)
      return
    default:
      throw new Error(`no check for ${vector.kind}`)
  }
}

/** Of the series that are flushed, those that tell what was read: not rates, and not statsd's own. */
function checkSeries(vector: Case): void {
  const { metrics = {}, absent = [] } = vector.expect as { metrics?: Series; absent?: string[] }
  const decoded = decode(lines(vector))
  const series = seriesOf(decoded)
  for (const [name, value] of Object.entries(metrics)) {
    const inModern = name
      .replace(/^stats_counts\.(.*)$/, 'stats.counters.$1.count')
      .replace(/\.statssuffix$/, '')
    if (/\.(rate|numStats|metrics_received\.count)$|^stats\.a_test_value$/.test(inModern)) continue
    expect(series).toHaveProperty([inModern], value)
  }
  for (const name of absent) {
    if (!name.endsWith('.a.count')) expect(series).not.toHaveProperty([name])
  }
}

type Series = Readonly<Record<string, number>>

/** The sums, values and counts of one flush, spelled as the modern namespace does. */
function seriesOf({ taken, reasons }: Decoded): Series {
  const series: Record<string, number> = {}
  const members = new Map<string, Set<string>>()
  for (const { name, tags, type, value, weight, isDelta, member } of taken) {
    const suffix = Object.entries(tags)
      .map(([key, text]) => `;${key}=${text}`)
      .join('')
    const add = (key: string, amount: number): void => {
      series[key] = (series[key] ?? 0) + amount
    }
    if (type === 'counter') add(`stats.counters.${name}.count${suffix}`, value * weight)
    if (type === 'timer') {
      add(`stats.timers.${name}.count${suffix}`, weight)
      series[`stats.timers.${name}.mean${suffix}`] = value
    }
    if (type === 'gauge') {
      const key = `stats.gauges.${name}${suffix}`
      if (isDelta) add(key, value)
      else series[key] = value
    }
    if (type === 'set') {
      const key = `stats.sets.${name}.count${suffix}`
      members.set(key, (members.get(key) ?? new Set()).add(member))
    }
  }
  for (const [key, set] of members) series[key] = set.size
  if (reasons.length > 0) series['stats.counters.statsd.bad_lines_seen.count'] = reasons.length
  return series
}

function decode(packet: string): Decoded {
  return decodePacket(packet, { profile: 'statsd' })
}

function lines(vector: Case): string {
  return vector.input_lines?.join('\n') ?? ''
}
