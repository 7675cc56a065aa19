import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeClock } from '../../lib/fake-clock.ts'
import { engineConformance } from '../engine.conformance.ts'
import { BASE_MS } from '../testdata/base-time.ts'
import { openEmbeddedStore } from './open-embedded-store.ts'

engineConformance('LogEngine', () => openFixture(64 * 1_024 * 1_024))
// So small that nearly every append begins a segment: everything has to work across them.
engineConformance('LogEngine in many segments', () => openFixture(256))

async function openFixture(segmentBytes: number) {
  const path = mkdtempSync(join(tmpdir(), 'kymo-log-'))
  const options = { path, segmentBytes, clock: new FakeClock(BASE_MS) }
  let store = await openEmbeddedStore(options)
  return {
    engine: store.engine,
    async reopen() {
      await store.close()
      store = await openEmbeddedStore(options)
      return store.engine
    },
    async dispose() {
      await store.close()
      rmSync(path, { recursive: true })
    },
  }
}
