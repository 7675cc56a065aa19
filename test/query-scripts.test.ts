import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { FakeSeries } from '../src/query/testdata/fake-store-access.ts'
import { runQueryScript } from '../src/query/testdata/query-script.ts'
import type { StoreAccess } from '../src/store/access.ts'
import { packerHere } from '../src/store/embedded/testdata/log-fixture.ts'
import type { OpenStore } from '../src/store/index.ts'
import { openEmbeddedStore, openMemoryStore } from '../src/store/index.ts'

// The scripts of queries, on engines that there are. src/query/query-script.test.ts runs them on a fake.

const folder = mkdtempSync(join(tmpdir(), 'kymo-scripts-'))
const opened: OpenStore[] = []
let storeCount = 0

const ENGINES: Readonly<Record<string, () => Promise<OpenStore>>> = {
  memory: async () => openMemoryStore(),
  embedded: () => openEmbeddedStore({ path: join(folder, String(storeCount++)), packer: packerHere() }),
}

const root = join(import.meta.dirname, '../src/query')
const scripts = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.script'))
  .sort()

afterAll(async () => {
  await Promise.all(opened.map((store) => store.close()))
  rmSync(folder, { recursive: true })
})

describe.each(Object.keys(ENGINES))('on the %s engine', (engine) => {
  test.each(scripts)('%s', async (script) => {
    const checks = await runQueryScript(readFileSync(join(root, script), 'utf8'), (series) =>
      openAccess(engine, series),
    )
    expect(checks.length).toBeGreaterThan(0)
    for (const { lineNumber, expression, wanted, got } of checks) {
      expect({ lineNumber, expression, rows: got }).toEqual({ lineNumber, expression, rows: wanted })
    }
  })
})

async function openAccess(engine: string, series: readonly FakeSeries[]): Promise<StoreAccess> {
  const store = await ENGINES[engine]?.()
  if (store === undefined) throw new Error(`there is no engine ${engine}`)
  opened.push(store)
  const points = series.flatMap(({ key, points: own }) =>
    own.map(([timeMs, value]) => ({ identity: identityOf(key), timeMs, value })),
  )
  // Series of nulls are known, too.
  for (const { key } of series) store.catalog.touch(identityOf(key), 1_700_000_000_000)
  store.engine.append({
    kind: 'number',
    series: points.map(({ identity }) => identity),
    timesMs: Float64Array.from(points, ({ timeMs }) => timeMs),
    values: Float64Array.from(points, ({ value }) => value),
  })
  const { catalog } = store
  return {
    findNodes: async (pattern, limit) => catalog.findNodes(pattern, limit),
    findSeries: async (pattern, limit) => catalog.findSeries(pattern, limit),
    findSeriesByTags: async (expressions, limit) => catalog.findSeriesByTags(expressions, limit),
    tags: async (question) => catalog.tags(question),
    tagValues: async (tag, question) => catalog.tagValues(tag, question),
    metrics: async ({ limit, search }) => catalog.metrics(limit, search),
    reader: store.engine,
  }
}

function identityOf(key: string) {
  return { key, metricKey: key, metricType: 'untyped', statistic: 'value', rollup: 'mean' } as const
}
