export { openMemoryStore } from './memory/open-memory-store.ts'
export {
  openEmbeddedStore,
  openReader,
} from './embedded/open-embedded-store.ts'
export type { RecoveryProgress } from './embedded/recover-log.ts'
export type { EmbeddedStoreOptions } from './embedded/open-embedded-store.ts'
export type { OpenStore } from './open-store.ts'
export { openMemoryEventStore } from './event-store-memory.ts'
export { openEventStore } from './event-store-sqlite.ts'
export type { EventStoreOptions } from './event-store-sqlite.ts'
export { verifyStore } from './embedded/care/verify-store.ts'
export { readStoreStats } from './embedded/care/store-stats.ts'
export type { FilesOfKind, StoreStats } from './embedded/care/store-stats.ts'
export { isDiskFull } from './embedded/file-system.ts'
export type { StoreReport } from './embedded/care/verify-store.ts'
export type { Damage, FileContents, TierContents } from './embedded/care/damage.ts'
export { unpackMetrics, unpackNodes, unpackSeries } from './catalog/packed-answers.ts'
export type { PackedMetrics, PackedNodes, PackedSeries } from './catalog/packed-answers.ts'
