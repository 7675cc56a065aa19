import { onTestFinished, vi } from 'vitest'
import { LineOrder } from '../shard/line-order.ts'

/** Of the known lines of all shards, from now on until the test ends: how many were taken as the lines that were expected. */
export function watchOrder(): { readonly expectedCount: number } {
  const spy = vi.spyOn(LineOrder.prototype, 'tookLines')
  onTestFinished(() => spy.mockRestore())
  return {
    get expectedCount() {
      return spy.mock.calls.reduce((sum, [expectedCount]) => sum + expectedCount, 0)
    },
  }
}
