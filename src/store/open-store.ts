import type { Catalog } from './catalog.ts'
import type { BackupReport } from './backup-report.ts'
import type { Engine } from './engine.ts'
import type { RuleBookSource } from './rules/index.ts'

/** A store ready for use: points, names, and one way to let go of both. */
export interface OpenStore {
  readonly engine: Engine
  readonly catalog: Catalog
  /** How long and how fine series are kept from now on; what is older goes at once. Throws the KymoError `rules-invalid`; then nothing has changed. */
  setRules(rules: RuleBookSource): void
  /**
   * Makes a directory that says what the store says now, while it goes on: files that do not change are linked, where the file system lets them.
   * Throws the KymoErrors `backup-refused` and `store-write-failed`.
   */
  backUp(path: string): Promise<BackupReport>
  /** Syncs, closes the engine and lets go of its data. Safe to call twice. */
  close(): Promise<void>
}
