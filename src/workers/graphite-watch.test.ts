import { expect, test } from 'vitest'
import { type SinkOptions, sinkOptions } from '../sinks/options.ts'
import { GraphiteWatch } from './graphite-watch.ts'

const STARTED_AT_MS = 1_700_000_000_000

function sink(type: SinkOptions['type'], name: string): SinkOptions & { name: string } {
  return { ...sinkOptions.parse({ type }), name }
}

/** A flush of so many bytes was sent. */
function sent(name: string, bytes: number) {
  return {
    name,
    lastFlushMs: STARTED_AT_MS + 60_000,
    lastSending: { encodingMs: 1, sendingMs: 2, bytes },
    lastFailureMs: null,
  }
}

function lengthOf({ readings }: GraphiteWatch): number | undefined {
  return readings?.flushLengthBytes
}

test('of several Graphites the first is told of, from the start on', () => {
  const watch = new GraphiteWatch(
    [sink('stdout', 'a'), sink('graphite', 'b'), sink('graphite', 'c')],
    STARTED_AT_MS,
  )
  expect(watch.readings).toMatchObject({ lastFlushSeconds: STARTED_AT_MS / 1_000, flushLengthBytes: 0 })
  watch.sent(sent('b', 5))
  watch.sent(sent('c', 6))
  expect(watch.readings).toMatchObject({ lastFlushSeconds: STARTED_AT_MS / 1_000 + 60, flushLengthBytes: 5 })
})

test('one that comes has sent nothing, and one that goes is no more told of', () => {
  const watch = new GraphiteWatch([sink('stdout', 'a')], STARTED_AT_MS)
  expect(watch.readings).toBeUndefined()
  watch.reconfigure([sink('graphite', 'b')])
  expect(lengthOf(watch)).toBe(0)
  watch.sent(sent('b', 5))
  watch.reconfigure([])
  // It still delivers what is queued.
  watch.sent(sent('b', 6))
  expect(watch.readings).toBeUndefined()
  watch.reconfigure([sink('graphite', 'b')])
  expect(lengthOf(watch)).toBe(0)
})

test('one that is changed goes on under its name, and begins anew under another', () => {
  const watch = new GraphiteWatch([sink('graphite', 'b')], STARTED_AT_MS)
  watch.sent(sent('b', 5))
  watch.reconfigure([{ ...sink('graphite', 'b'), queue_points: 9 }])
  expect(lengthOf(watch)).toBe(5)
  watch.reconfigure([sink('graphite', 'c'), sink('graphite', 'b')])
  expect(lengthOf(watch)).toBe(0)
  watch.sent(sent('c', 7))
  expect(lengthOf(watch)).toBe(7)
})
