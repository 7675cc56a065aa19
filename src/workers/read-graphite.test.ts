import { expect, test } from 'vitest'
import { readGraphite } from './read-graphite.ts'

const STARTED_AT_MS = 1_700_000_000_400

test('before anything was sent it is as with etsy: the last flush is the start, and no exception was', () => {
  const readings = {
    lastFlushSeconds: 1_700_000_000,
    lastExceptionSeconds: 0,
    flushTimeMs: 0,
    flushLengthBytes: 0,
    calculationTimeMs: 0,
  }
  expect(readGraphite(undefined, STARTED_AT_MS)).toEqual(readings)
  const nothingSent = { lastFlushMs: null, lastFailureMs: null, lastSending: null }
  expect(readGraphite(nothingSent, STARTED_AT_MS)).toEqual(readings)
})

test('times and durations are whole numbers', () => {
  const sent = {
    lastFlushMs: STARTED_AT_MS + 10_200,
    lastFailureMs: STARTED_AT_MS + 20_000,
    lastSending: { encodingMs: 1.5, sendingMs: 7.3, bytes: 1_234 },
  }
  expect(readGraphite(sent, STARTED_AT_MS)).toEqual({
    lastFlushSeconds: 1_700_000_011,
    lastExceptionSeconds: 1_700_000_020,
    flushTimeMs: 7,
    flushLengthBytes: 1_234,
    calculationTimeMs: 2,
  })
})
