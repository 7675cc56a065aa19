import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Whether threads may shrink their heaps, for the whole process: V8 hands its collector to what is made from now on, or does not
 * any more. Not while a thread is being started, or the code that Node has compiled beforehand does not fit it and its start takes
 * a third longer.
 */
export function allowShrinking(isAllowed: boolean): void {
  setFlagsFromString(isAllowed ? '--expose-gc' : '--no-expose-gc')
}

/**
 * Gives back what this thread's heap has and does not use: the room in which new objects are made, which has grown while the
 * thread was loaded and would stay as it is, and code that has been run and will not be again. It takes 10 to 50 ms, for which the thread
 * does nothing else; a large heap would take longer and is left as it is.
 */
export function shrinkHeap(): void {
  if (getHeapStatistics().used_heap_size > LARGEST_HEAP_BYTES) return
  // Only a context that is made while it is allowed has the collector; there is no other way to it.
  const collect: unknown = runInNewContext('globalThis.gc')
  if (typeof collect === 'function') collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

const LARGEST_HEAP_BYTES = 96 * 1_024 * 1_024
