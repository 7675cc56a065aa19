import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeClock } from '../../lib/fake-clock.ts'
import { engineConformance } from '../engine.conformance.ts'
import { BASE_MS } from '../testdata/base-time.ts'
import type { Packer } from './block/packer.ts'
import { openEmbeddedStore } from './open-embedded-store.ts'
import { noPacker, packerHere } from './testdata/log-fixture.ts'

// Sealed when it is closed. Outside of tests that is done in a thread, which takes longer to begin than to do it.
engineConformance('EmbeddedEngine', () => openFixture(64 * 1_024 * 1_024, packerHere()))
// So small that nearly every append begins a segment: everything has to work across them.
engineConformance('EmbeddedEngine in many segments', () => openFixture(256, noPacker))
engineConformance('EmbeddedEngine in many blocks', () => openFixture(256, packerHere()))

async function openFixture(segmentBytes: number, packer: Packer) {
  const path = mkdtempSync(join(tmpdir(), 'kymo-log-'))
  const options = { path, segmentBytes, packer, clock: new FakeClock(BASE_MS) }
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
