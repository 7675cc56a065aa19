import { connect } from 'node:net'
import { readFileSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Etsy, whyNoEtsy } from '../harness/etsy.ts'
import { GraphiteServer } from '../harness/graphite-server.ts'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'
import { createStatsdLines } from '../harness/statsd-lines.ts'

// The real etsy/statsd and Kymo are fed the same lines, and what they send to Graphite is compared to the last digit.

const LINE_COUNT = 100_000
const FLUSH_MS = 10_000

/** How a name may differ, each as moving-over.md says it, and how the name that etsy gives becomes that of Kymo. */
const OTHER_NAMES: readonly { readonly said: string; readonly rename: (name: string) => string }[] = [
  { said: 'tags in another order', rename: sortTags },
  { said: 'a tag without a value', rename: (name) => name.replace(/;(\w+)(?=;|$)/g, ';$1=true') },
  { said: 'empty nodes in a name', rename: (name) => name.replace(/\.{2,}/g, '.') },
]

/** How a value may differ. Kymo adds the changes of an interval to each other, and their sum to the gauge. */
const OTHER_VALUES: readonly {
  readonly said: string
  readonly covers: (name: string, theirs: number, ours: number) => boolean
}[] = [
  {
    said: 'the last digits of a gauge that was changed by signs',
    covers: (name, theirs, ours) => name.startsWith('stats.gauges.') && Math.abs(theirs - ours) <= 1e-6,
  },
]

/** Each says the same to both. */
const setups: readonly Setup[] = [
  {
    about: 'the modern namespace, percentiles of all kinds, histograms; idle metrics flush for ever',
    profile: 'statsd',
    etsy: {
      percentThreshold: [90, 99.9, -10, 50],
      histogram: [
        { metric: 'odd', bins: [] },
        { metric: 'api', bins: [0.01, 1, 50, 'inf'] },
        { metric: 'a', bins: [100] },
      ],
      graphite: { legacyNamespace: false },
    },
    kymo: [
      'percentiles: [90, 99.9, -10, 50]',
      'histogram: [{metric: odd, bins: []}, {metric: api, bins: [0.01, 1, 50, inf]}, {metric: a, bins: [100]}]',
    ],
    ownNameCount: 14,
  },
  {
    about: 'the legacy namespace with a suffix, some statistics; idle metrics go, gauges after two flushes',
    profile: 'default',
    etsy: {
      deleteIdleStats: true,
      deleteTimers: false,
      gaugesMaxTTL: 2,
      calculatedTimerMetrics: ['count', 'upper', 'upper_percent', 'std'],
      flush_counts: false,
      graphite: { globalSuffix: 'web1' },
    },
    kymo: [
      'timer_weighting: count',
      'delete_idle_stats: true',
      'delete_timers: false',
      'gauges_max_ttl: 2',
      'calculated_timer_metrics: [count, upper, upper_percent, std]',
      'flush_counts: false',
      'legacy_namespace: true',
      'global_suffix: web1',
    ],
    ownNameCount: 11,
  },
]

const why = whyNoEtsy()

afterAll(cleanUp)

describe.skipIf(why !== undefined)(`etsy/statsd and Kymo${why === undefined ? '' : ` (${why})`}`, () => {
  test.each(setups)('flush the same in $about', async (setup) => {
    const lines = createStatsdLines(LINE_COUNT, setup.profile)
    const [theirs, ours] = await Promise.all([flushesOfEtsy(setup, lines), flushesOfKymo(setup, lines)])
    for (const [index, flush] of theirs.flushes.entries()) compare(flush, ours.flushes[index] ?? [])
    expect(theirs.flushes[0]?.length).toBeGreaterThan(10_000)
    expect(ours.ownNames).toEqual(theirs.ownNames)
    expect(theirs.ownNames).toHaveLength(setup.ownNameCount)
  })
})

test('every difference that is let pass is described', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../docs/guide/moving-over.md'), 'utf8')
  const said = [...OTHER_NAMES, ...OTHER_VALUES].map((difference) => difference.said)
  expect(said.filter((text) => !guide.includes(`| ${text} |`))).toEqual([])
})

interface Setup {
  readonly about: string
  readonly profile: 'default' | 'statsd'
  readonly etsy: Readonly<Record<string, unknown>>
  /** Lines under `aggregator:`. */
  readonly kymo: readonly string[]
  /** Series about the server itself. */
  readonly ownNameCount: number
}

type Rows = readonly (readonly [name: string, value: string])[]

interface Sent {
  /** Two: the first has all lines, the second none. */
  readonly flushes: readonly Rows[]
  /** Of what the server says about itself, sorted. */
  readonly ownNames: readonly string[]
}

async function flushesOfEtsy({ etsy: config }: Setup, lines: readonly string[]): Promise<Sent> {
  const graphite = await GraphiteServer.start()
  const target = { graphiteHost: '127.0.0.1', graphitePort: graphite.port }
  const etsy = await Etsy.start({ flushInterval: FLUSH_MS, ...target, ...config })
  await send(etsy.port, lines)
  await until('etsy has flushed twice', () => countEnds(graphite.flushes.flat()) >= 2, 3 * FLUSH_MS)
  await etsy.stop()
  await graphite.stop()
  // The last of its own series may carry the next second.
  const [first = [], second = []] = graphite.flushes.filter((rows) => rows.length > 4)
  const received = first.find(([name]) => /metrics_received(\.count)?(\.|$)/.test(name))
  expect(Number(received?.[1]), 'lines in the first flush').toBe(
    received?.[0].endsWith('.count') === true ? LINE_COUNT : LINE_COUNT / (FLUSH_MS / 1000),
  )
  return { flushes: [first, second], ownNames: ownNames(graphite.flushes) }
}

async function flushesOfKymo({ profile, kymo: options }: Setup, lines: readonly string[]): Promise<Sent> {
  const graphite = await GraphiteServer.start()
  const path = join(temporaryDirectory(), 'kymo.yaml')
  const sink = `sinks: [{type: graphite, host: 127.0.0.1, port: ${graphite.port}}]`
  const aggregator = ['aggregator:', ...options.map((option) => `  ${option}`)]
  writeFileSync(path, [`statsd: {profile: ${profile}}`, ...aggregator, sink, ''].join('\n'))
  const kymo = await KymoProcess.start({ args: [path, '--no-store'], flushInterval: `${FLUSH_MS}ms` })
  // All lines have to fall into one interval.
  await until('an interval has begun', () => Date.now() % FLUSH_MS < FLUSH_MS / 4)
  await send(kymo.port('statsd'), lines)
  await kymo.received(LINE_COUNT)
  const times = [await kymo.flush(), await kymo.flush()]
  expect((times[1] ?? 0) - (times[0] ?? 0), 'flushes follow one another').toBe(FLUSH_MS / 1000)
  // At its end everything has been sent.
  expect(await kymo.end()).toBe(0)
  // Before the lines came it flushed its own series.
  const flushes = graphite.flushes.filter((rows) => rows.some(([name]) => !isOwn(name)))
  await graphite.stop()
  return { flushes, ownNames: ownNames(graphite.flushes) }
}

function ownNames(flushes: readonly Rows[]): string[] {
  return [...new Set(flushes.flat().map(([name]) => name))].filter(isOwn).toSorted()
}

/** Each flush ends with it. */
function countEnds(rows: Rows): number {
  return rows.filter(([name]) => name.includes('.graphiteStats.flush_length')).length
}

async function send(port: number, lines: readonly string[]): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.end(`${lines.join('\n')}\n`)
  socket.resume()
  await once(socket, 'close')
}

function compare(theirs: Rows, ours: Rows): void {
  const found = new Map(ours.filter(([name]) => !isOwn(name)))
  const problems: string[] = []
  const order: string[] = []
  for (const [name, value] of theirs) {
    if (isOwn(name)) continue
    const ourName = OTHER_NAMES.reduce((text, { rename }) => rename(text), name)
    const ourValue = found.get(ourName)
    const isCovered = OTHER_VALUES.some(({ covers }) => covers(name, Number(value), Number(ourValue)))
    if (ourValue !== value && !isCovered) problems.push(`${name} is ${value}, ours is ${ourValue}`)
    found.delete(ourName)
    order.push(ourName)
  }
  for (const [name, value] of found) problems.push(`${name} ${value} is ours alone`)
  expect(problems).toEqual([])
  // Between metrics the order is that of arrival there and that of names here; within one it is the same.
  const [theirGroups, ourGroups] = [groups(order), groups(ours.map(([name]) => name))]
  const otherOrders = [...theirGroups].filter(([metric, names]) => names !== ourGroups.get(metric))
  expect(otherOrders.map(([metric, names]) => [names, ourGroups.get(metric)])).toEqual([])
}

/** The servers count and time themselves. */
function isOwn(name: string): boolean {
  return /(^|\.)statsd\./.test(name)
}

/** The names of each metric in the order they came in, as one text. */
function groups(names: readonly string[]): ReadonlyMap<string, string> {
  const byMetric = new Map<string, string>()
  for (const name of names) {
    const metric = name.replace(STATISTIC, '')
    byMetric.set(metric, `${byMetric.get(metric) ?? ''} ${name}`)
  }
  return byMetric
}

/** The end of a name. */
const STATISTIC =
  /\.(rate|count_ps|count|std|mean|median|sum_squares|sum|lower|upper|histogram\.bin_\w+|[a-z_]+_(top)?[\d_]+)(?=\.web1|;|$)/

function sortTags(name: string): string {
  const [first = '', ...tags] = name.split(';')
  return [first, ...tags.sort()].join(';')
}
