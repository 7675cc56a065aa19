import { engineConformance } from '../engine.conformance.ts'
import { openMemoryStore } from './open-memory-store.ts'

engineConformance('MemoryEngine', async () => {
  const store = openMemoryStore()
  return { engine: store.engine, dispose: () => store.close() }
})
