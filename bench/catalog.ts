// What the catalog costs: resident bytes per series, seeing all series once more as each flush does, opening, and finding among all of
// them. Each answer is held against a plain look through all keys, and a Map of plain objects stands beside it. Prints one line of
// JSON. Run with `node bench/catalog.ts [series]`.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { SeriesIdentity } from '../src/model/series-identity.ts'
import { CompactCatalog } from '../src/store/catalog/compact-catalog.ts'

const seriesCount = Number(process.argv[2] ?? 1_000_000)
const FINDS = 200
const BASE_MS = 1_700_000_000_000
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** About 42 characters: a fleet of hosts with some hundred metrics each, of which every other is part of a counter. */
function identityAt(index: number): SeriesIdentity {
  const metric = index >> 1
  const host = metric % 2_000
  const metricKey = `dc${host % 8}.web${String(host).padStart(4, '0')}.http.requests.endpoint${Math.floor(metric / 2_000)}`
  const isRate = index % 2 === 1
  return {
    key: `${metricKey}.${isRate ? 'rate' : 'count'}`,
    metricKey,
    metricType: 'counter',
    statistic: isRate ? 'rate' : 'count',
    rollup: isRate ? 'mean' : 'sum',
  }
}

const keyBytes = Array.from({ length: 1_000 }, (_, index) => identityAt(index * 997).key.length)
const catalog = new CompactCatalog()
const before = residentBytes()
const openMs = timed(() => {
  for (let index = 0; index < seriesCount; index++) catalog.note(identityAt(index), BASE_MS, BASE_MS + index)
})
const catalogBytes = residentBytes() - before
if (catalog.seriesCount !== seriesCount) throw new Error(`there are ${catalog.seriesCount} series`)

const beforeMap = residentBytes()
const rival = new Map<string, { identity: SeriesIdentity; firstSeenMs: number; lastSeenMs: number }>()
for (let index = 0; index < seriesCount; index++) {
  const identity = identityAt(index)
  rival.set(identity.key, { identity, firstSeenMs: BASE_MS, lastSeenMs: BASE_MS + index })
}
const mapBytes = residentBytes() - beforeMap
const identities = Array.from(rival.values(), ({ identity }) => identity)

// The first of these finds each by its key, the others are what each flush costs.
const touchMs = [1, 2, 3].map((flush) =>
  timed(() => {
    for (const identity of identities) catalog.touch(identity, BASE_MS + seriesCount + flush)
  }),
)
if (catalog.get(identityAt(5).key)?.lastSeenMs !== BASE_MS + seriesCount + 3)
  throw new Error('a series was not seen')

const keys = [...rival.keys()].sort()
const finds = {
  'a.*.c.*': (turn: number) =>
    `dc${turn % 8}.*.http.requests.endpoint${turn % Math.ceil(seriesCount / 4_000)}.count`,
  'a.b*.c.*': (turn: number) => `dc${turn % 8}.web0${turn % 10}*.http.requests.endpoint${turn % 100}.*`,
  'one host': (turn: number) => `dc${turn % 8}.web${String(turn % 8).padStart(4, '0')}.http.requests.*.rate`,
}
const found = Object.fromEntries(
  Object.entries(finds).map(([name, patternAt]) => [name, measureFinds(patternAt)]),
)

console.log(
  JSON.stringify({
    series: seriesCount,
    bytesPerKey: keyBytes.reduce((sum, bytes) => sum + bytes, 0) / keyBytes.length,
    bytesPerSeries: Math.round(catalogBytes / seriesCount),
    bytesPerSeriesInAMap: Math.round(mapBytes / seriesCount),
    addNs: Math.round((openMs * 1e6) / seriesCount),
    touchNs: Math.round((Math.min(...touchMs.slice(1)) * 1e6) / seriesCount),
    firstTouchNs: Math.round(((touchMs[0] ?? 0) * 1e6) / seriesCount),
    found,
  }),
)

function measureFinds(patternAt: (turn: number) => string) {
  const times: number[] = []
  let most = 0
  let plainMs = 0
  for (let turn = 0; turn < FINDS; turn++) {
    const pattern = patternAt(turn)
    const startMs = performance.now()
    const answer = catalog.findSeries(pattern, 10_000)
    times.push(performance.now() - startMs)
    most = Math.max(most, answer.length)
    if (turn % 50 !== 0) continue
    const regex = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^.]*')}$`)
    const plainStartMs = performance.now()
    const plain = keys.filter((key) => regex.test(key))
    plainMs = performance.now() - plainStartMs
    if (plain.length !== answer.length || plain.some((key, place) => answer[place]?.identity.key !== key))
      throw new Error(`${pattern} finds ${answer.length} series, and there are ${plain.length}`)
  }
  times.sort((a, b) => a - b)
  return {
    mostResults: most,
    p50Ms: round(times[Math.floor(FINDS * 0.5)] ?? 0),
    p99Ms: round(times[Math.floor(FINDS * 0.99)] ?? 0),
    timesFasterThanLookingThroughAll: Math.round(plainMs / (times[Math.floor(FINDS * 0.5)] ?? 1)),
  }
}

function residentBytes(): number {
  collectGarbage()
  collectGarbage()
  return process.memoryUsage().rss
}

function timed(action: () => void): number {
  const start = process.cpuUsage()
  action()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1_000
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
