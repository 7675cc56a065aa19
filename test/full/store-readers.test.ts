import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { afterEach, expect, test } from 'vitest'
import { flushOf, portsIn } from '../../src/store/engine.conformance.ts'
import { openEmbeddedStore } from '../../src/store/index.ts'
import { BASE_MS } from '../../src/store/testdata/base-time.ts'

const SLOTS = 1_500
const SERIES = 300
const STEP_MS = 10_000

const path = mkdtempSync(join(tmpdir(), 'kymo-readers-'))
afterEach(() => rmSync(path, { recursive: true }))

// Segments are so small that one is full all the time: heads come and go, blocks are made and merged all the time.
test('readers in other threads miss no point while segments become blocks and blocks become one', async () => {
  const keys = Array.from({ length: SERIES }, (_, index) => `series.${index}`)
  const store = await openEmbeddedStore({ path, segmentBytes: 90_000 })
  const readers = [1, 2].map(() => {
    const shared = store.engine.share()
    return new Worker(new URL('../../src/store/testdata/watch-series.ts', import.meta.url), {
      workerData: { shared, keys, slotCount: SLOTS },
      transferList: portsIn(shared),
    })
  })
  const answers = readers.map(
    (reader) =>
      new Promise<number>((resolve, reject) => {
        reader.once('message', resolve)
        reader.once('error', reject)
      }),
  )
  const { series } = flushOf(
    keys,
    0,
    keys.map(() => 0),
  )
  for (let slot = 0; slot < SLOTS; slot++) {
    const timeMs = BASE_MS + slot * STEP_MS
    store.engine.appendFlush({ timeMs, series, values: new Float64Array(SERIES).fill(slot) })
    await setTimeout(4)
  }
  for (const reader of readers) reader.postMessage(SLOTS - 1)
  for (const reads of await Promise.all(answers)) expect(reads).toBeGreaterThan(5)
  await store.close()
  expect(readdirSync(join(path, 'log'))).toEqual([])
}, 120_000)
