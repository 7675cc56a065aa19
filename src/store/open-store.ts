import type { Catalog } from './catalog.ts'
import type { Engine } from './engine.ts'

/** A store ready for use: points, names, and one way to let go of both. */
export interface OpenStore {
  readonly engine: Engine
  readonly catalog: Catalog
  /** How long points are kept from now on; what is older goes at once. */
  setRetention(retentionMs: number): void
  /** Syncs, closes the engine and lets go of its data. Safe to call twice. */
  close(): Promise<void>
}
