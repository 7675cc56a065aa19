/** Samples in, one batch per interval out. Shards live in the receiving threads, the rest in the keeper's. */
export { FlushClock, type FlushClockOptions } from './flush-clock.ts'
export { Flusher, type FlusherOptions } from './flusher.ts'
export { intervalEndAt } from './interval.ts'
export { IntervalMerger, type IntervalMergerOptions } from './interval-merger.ts'
export { createNaming, type Naming, type NamingOptions } from './naming.ts'
export { clearSavedInterval, loadSavedInterval, type SavedInterval, saveInterval } from './saved-interval.ts'
export { Shard, type ShardOptions } from './shard.ts'
export type { TimerWeighting } from './timer-statistics.ts'
