import { KymoError } from '../../telemetry/errors.ts'
import type { OpenStore } from '../open-store.ts'
import { CompactCatalog } from '../catalog/compact-catalog.ts'
import { MemoryEngine } from './memory-engine.ts'

/** A store that forgets when it is closed, and nothing before. For tests, and to try things out. */
export function openMemoryStore(): OpenStore {
  const engine = new MemoryEngine()
  return {
    engine,
    catalog: new CompactCatalog(),
    setRules: () => {},
    backUp(path) {
      return Promise.reject(new KymoError('backup-refused', { path, reason: 'the store is in memory' }))
    },
    close: () => engine.close(),
  }
}
