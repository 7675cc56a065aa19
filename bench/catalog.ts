// What the catalog costs: resident bytes per series, seeing all series once more as each flush does, opening, finding among all of
// them by path and by tags, and how long the thread that holds it is held at once. Each answer is held against a plain look through all keys, and a
// Map of plain objects stands beside it. Prints a line of JSON for each part. Run with `node bench/catalog.ts [series]`.
import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { nextEventLoopTurn, systemClock } from '../src/lib/clock.ts'
import { returnLargeMemory } from '../src/lib/return-memory.ts'
import { atOnce } from '../src/lib/slices.ts'
import type { SeriesIdentity } from '../src/model/series-identity.ts'
import { CompactCatalog } from '../src/store/catalog/compact-catalog.ts'
import { openEmbeddedStore } from '../src/store/index.ts'
import { keptAsTheyCome } from '../src/store/rules/index.ts'
import { YOUNG_GENERATION_MB } from '../src/workers/spawn.ts'
import { HoldWatch } from './catalog/hold-watch.ts'
import { HOSTS, identityAt, taggedIdentityAt } from './catalog/series.ts'
import { measureFinds, type Question } from './catalog/finds.ts'
import { round, timed } from './catalog/measure.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const seriesCount = Number(process.argv[2] ?? 1_000_000)
const BASE_MS = 1_700_000_000_000
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
// As the process does that Kymo runs in.
await returnLargeMemory()

if (isMainThread) {
  await inThread('holds')
  paths()
  tags()
  await inThread('opening')
} else if (workerData === 'holds') await holds()
else await opening()

/** A heap of its own, as the keeper has it: what lies in that of others is none of its work. */
async function inThread(part: 'holds' | 'opening'): Promise<void> {
  const keeper = new Worker(new URL(import.meta.url), {
    argv: process.argv.slice(2),
    workerData: part,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB.keeper },
  })
  await once(keeper, 'exit')
}

function paths(): void {
  const before = residentBytes()
  const catalog = new CompactCatalog()
  const openMs = timed(() => {
    for (let index = 0; index < seriesCount; index++)
      catalog.note(identityAt(index), BASE_MS, BASE_MS + index)
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
    timed(() => atOnce(catalog.touchAll(identities, BASE_MS + seriesCount + flush))),
  )
  if (catalog.get(identityAt(5).key)?.lastSeenMs !== BASE_MS + seriesCount + 3)
    throw new Error('a series was not seen')

  const keys = [...rival.keys()].sort()
  const endpoints = Math.ceil(seriesCount / 4_000)
  const finds: Record<string, (turn: number) => Question> = {
    'a.*.c.*': (turn) => byPath(catalog, `dc${turn % 8}.*.http.requests.endpoint${turn % endpoints}.*`),
    'a.*.c.* of 1,000': (turn) =>
      byPath(
        catalog,
        `dc${turn % 8}.*.http.requests.endpoint{${turn % endpoints},${(turn + 1) % endpoints}}.*`,
      ),
    'a.b*.c.*': (turn) =>
      byPath(catalog, `dc${turn % 8}.web0${turn % 10}*.http.requests.endpoint${turn % 100}.*`),
    'one host': (turn) =>
      byPath(catalog, `dc${turn % 8}.web${String(turn % 8).padStart(4, '0')}.http.requests.*.rate`),
    'a.b*.**': (turn) => byPath(catalog, `dc${turn % 8}.web0${turn % 10}0*.**`),
  }
  print('paths', {
    ...lengthsOf(keys),
    bytesPerSeries: Math.round(catalogBytes / seriesCount),
    bytesPerSeriesInAMap: Math.round(mapBytes / seriesCount),
    addNs: Math.round((openMs * 1e6) / seriesCount),
    touchNs: Math.round((Math.min(...touchMs.slice(1)) * 1e6) / seriesCount),
    firstTouchNs: Math.round(((touchMs[0] ?? 0) * 1e6) / seriesCount),
    found: measureAll(finds, keys),
  })
}

function byPath(catalog: CompactCatalog, pattern: string): Question {
  const source = pattern
    .replaceAll('.', '\\.')
    .replace(/\{(.*)\}/, (_, texts: string) => `(?:${texts.replaceAll(',', '|')})`)
    .replaceAll('**', '.+')
    .replaceAll('*', '[^.]*')
  const regex = new RegExp(`^${source}$`)
  return { ask: () => catalog.findSeries(pattern, 10_000), matches: (key) => regex.test(key) }
}

function tags(): void {
  const before = residentBytes()
  const catalog = new CompactCatalog()
  const openMs = timed(() => {
    for (let index = 0; index < seriesCount; index++)
      catalog.note(taggedIdentityAt(index), BASE_MS, BASE_MS + index)
  })
  const catalogBytes = residentBytes() - before
  const keys = Array.from({ length: seriesCount }, (_, index) => taggedIdentityAt(index).key).sort()
  const nameAt = (turn: number): string => `requests${turn % Math.ceil(seriesCount / 4_000)}.count`
  const finds: Record<string, (turn: number) => Question> = {
    'name=, env=': (turn) =>
      byTags(
        catalog,
        [`name=${nameAt(turn)}`, 'env=prod'],
        (name, tag) => name === nameAt(turn) && tag('env') === 'prod',
      ),
    'name=, host=~': (turn) =>
      byTags(
        catalog,
        [`name=${nameAt(turn)}`, `host=~web.*[${turn % 5}-${(turn % 5) + 4}]$`],
        (name, tag) => {
          const last = Number(tag('host').at(-1))
          return name === nameAt(turn) && last >= turn % 5 && last <= (turn % 5) + 4
        },
      ),
    'env=, host=': (turn) =>
      byTags(
        catalog,
        ['env=prod', `host=${`web${String(turn * 2).padStart(4, '0')}`}`],
        (_, tag) => tag('env') === 'prod' && tag('host') === `web${String(turn * 2).padStart(4, '0')}`,
      ),
    'dc!=, host=~': (turn) =>
      byTags(
        catalog,
        ['dc!=east1', `host=~web0${String(turn % 100).padStart(2, '0')}`],
        (_, tag) =>
          tag('dc') !== 'east1' && tag('host').startsWith(`web0${String(turn % 100).padStart(2, '0')}`),
      ),
  }
  print('tags', {
    ...lengthsOf(keys),
    bytesPerSeries: Math.round(catalogBytes / seriesCount),
    addNs: Math.round((openMs * 1e6) / seriesCount),
    found: measureAll(finds, keys),
    valuesMs: round(
      timed(() => catalog.tagValues('host', { expressions: ['env=prod'], prefix: 'web1', limit: 100 })),
    ),
  })
}

function byTags(
  catalog: CompactCatalog,
  expressions: readonly string[],
  holdsFor: (name: string, tag: (tag: string) => string) => boolean,
): Question {
  return {
    ask: () => catalog.findSeriesByTags(expressions, 10_000),
    matches(key) {
      const [name = '', ...pairs] = key.split(';')
      return holdsFor(
        name,
        (tag) => pairs.find((pair) => pair.startsWith(`${tag}=`))?.slice(tag.length + 1) ?? '',
      )
    },
  }
}

/** A generation of names goes, and another has come: what memory is left, and how long the thread is held by what takes long. */
async function holds(): Promise<void> {
  const watch = new HoldWatch()
  const before = residentBytes()
  const catalog = new CompactCatalog()
  for (let index = 0; index < seriesCount; index++) catalog.note(identityAt(index, 'old'), BASE_MS, BASE_MS)
  const bytesOfOne = residentBytes() - before
  for (let index = 0; index < seriesCount; index++)
    catalog.note(identityAt(index, 'new'), BASE_MS, BASE_MS + 1)
  const bytesOfBoth = residentBytes() - before
  const held: Record<string, unknown> = {}
  held['a generation goes'] = await watch.during(() => catalog.forgetUnseenSince(BASE_MS + 1))
  held['built anew'] = await watch.during(async () => {
    while (catalog.isBeingRebuilt) await nextEventLoopTurn()
  })
  // What it leaves behind is given back in the next turns.
  for (let turn = 0; turn < 20; turn++) await nextEventLoopTurn()
  if (catalog.seriesCount !== seriesCount) throw new Error(`${catalog.seriesCount} series are left`)
  const sample = catalog.findSeries('dc1.web0001.**', 10_000)
  if (sample.length !== seriesCount / HOSTS) throw new Error(`one host has ${sample.length} series`)
  const bytesAfter = residentBytes() - before

  const ask = (pattern: string) => () => catalog.answers.findSeries(pattern, 100_000)
  const alternatives = Array.from({ length: 5_000 }, (_, index) => `*${index}x`).join()
  const work: Record<string, () => Promise<unknown>> = {
    '**.none': ask('**.none'),
    '*.*.*.*.*.*': ask('*.*.*.*.*.*'),
    '**.*1*.**.*0.count': ask('**.*1*.**.*0.count'),
    '5,000 alternatives': ask(`*.*.*.*.{${alternatives}}.*`),
    'newest metrics': () => catalog.answers.metrics({ limit: 1_000 }),
    'metrics by two words': () => catalog.answers.metrics({ limit: 1_000, search: 'none such' }),
    'values of name': () => catalog.answers.tagValues('name', { limit: 100, filter: '.*7' }),
  }
  // What is refused takes long before that.
  for (const [name, run] of Object.entries(work))
    held[name] = await watch.during(() => run().catch(() => undefined))
  print('holds', {
    series: seriesCount,
    bytesPerSeries: {
      oneGeneration: Math.round(bytesOfOne / seriesCount),
      both: Math.round(bytesOfBoth / seriesCount),
      afterOneHasGone: Math.round(bytesAfter / seriesCount),
    },
    held,
  })
}

/** A store of so many series with a point each: from a block, and from the log of a process that was killed. */
async function opening(): Promise<void> {
  const path = mkdtempSync(join(tmpdir(), 'kymo-bench-'))
  try {
    const store = await openEmbeddedStore({ path, rules: keptAsTheyCome(3_650 * 86_400_000) })
    const series = Array.from({ length: seriesCount }, (_, index) => identityAt(index))
    const nowMs = Math.floor(systemClock.nowMs() / 10_000) * 10_000
    store.engine.appendFlush({ timeMs: nowMs, series, values: new Float64Array(seriesCount).fill(1) })
    await store.close()
    const startMs = performance.now()
    const start = process.cpuUsage()
    const again = await openEmbeddedStore({ path, rules: keptAsTheyCome(3_650 * 86_400_000) })
    const openMs = performance.now() - startMs
    const { user, system } = process.cpuUsage(start)
    if (again.catalog.seriesCount !== seriesCount)
      throw new Error(`${again.catalog.seriesCount} series came back`)
    await again.close()
    print('opening', { openMs: Math.round(openMs), cpuMs: Math.round((user + system) / 1_000) })
  } finally {
    rmSync(path, { recursive: true })
  }
}

function measureAll(finds: Record<string, (turn: number) => Question>, keys: readonly string[]): unknown {
  return Object.fromEntries(
    Object.entries(finds).map(([name, questionAt]) => [name, measureFinds(questionAt, keys)]),
  )
}

function lengthsOf(keys: readonly string[]): { series: number; bytesPerKey: number } {
  const bytes = keys.reduce((sum, key) => sum + key.length, 0)
  return { series: keys.length, bytesPerKey: round(bytes / keys.length) }
}

function residentBytes(): number {
  collectGarbage()
  collectGarbage()
  return process.memoryUsage().rss
}

function print(part: string, numbers: object): void {
  console.log(JSON.stringify({ part, ...numbers }))
}
