import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { identityOf, readChunks } from '../engine.conformance.ts'
import { BASE_MS } from '../testdata/base-time.ts'
import { openEmbeddedStore } from './open-embedded-store.ts'

const STEP_MS = 10_000
/** More with KYMO_CRASH_ROUNDS=1000. */
const ROUNDS = Number(process.env['KYMO_CRASH_ROUNDS'] ?? 5)

let path: string
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'kymo-crash-'))
})
afterEach(() => rmSync(path, { recursive: true, force: true }))

// Its segments are so small that it seals and merges all the time, in a thread.
test(
  'a process killed while it appends, seals and merges loses nothing that it had synced',
  async () => {
    let newest = -1
    let blockCount = 0
    for (let round = 0; round < ROUNDS; round++) {
      newest = await appendUntilKilled(newest + 1, 60 + Math.floor(Math.random() * 120))
      const blocks = readdirSync(join(path, 'blocks'))
      blockCount += blocks.length
      const store = await openEmbeddedStore({ path })
      // What was appended and not yet acknowledged may be there as well, whole.
      const { newestTimeMs } = store.engine.stats()
      const stored = (newestTimeMs - BASE_MS) / STEP_MS
      expect(stored).toBeGreaterThanOrEqual(newest)
      newest = stored

      const slots = Array.from({ length: newest + 1 }, (_, slot) => slot)
      const keys = ['a', ...slots.map((slot) => `only.${slot}`)]
      const series = keys.map((key) => ({ key, rollup: 'last' as const }))
      const range = { startMs: BASE_MS, endMs: BASE_MS + slots.length * STEP_MS }
      const [all, ...each] = await readChunks(store.engine, { series, range, stepMs: STEP_MS })
      expect([...(all?.values ?? [])]).toEqual(slots)
      for (const [slot, chunk] of each.entries()) {
        expect([...chunk.values.entries()].filter(([, value]) => !Number.isNaN(value))).toEqual([
          [slot, -slot],
        ])
      }
      expect(store.catalog.get('a')).toEqual({
        identity: identityOf('a'),
        firstSeenMs: BASE_MS,
        lastSeenMs: newestTimeMs,
      })
      expect(store.catalog.seriesCount).toBe(newest + 2)
      await store.close()
      if (round % 20 === 19) {
        rmSync(path, { recursive: true })
        newest = -1
      }
    }
    expect(blockCount).toBeGreaterThan(0)
  },
  60_000 + ROUNDS * 3_000,
)

/** Answers the last slot that the child said was safe, once it has said `count` of them and been killed. */
async function appendUntilKilled(firstSlot: number, count: number): Promise<number> {
  const script = join(import.meta.dirname, 'testdata', 'append-until-killed.ts')
  const child = spawn(process.execPath, [script, path, String(firstSlot)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  let text = ''
  for await (const chunk of child.stdout) {
    text += String(chunk)
    if (text.split('\n').length > count) child.kill('SIGKILL')
  }
  expect(await ended).toEqual([null, 'SIGKILL'])
  return Number(text.slice(0, text.lastIndexOf('\n')).split('\n').at(-1))
}
