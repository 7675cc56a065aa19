import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { KymoError } from '../telemetry/errors.ts'
import { silentLog } from '../telemetry/log.ts'
import { clearSavedInterval, loadSavedInterval, type SavedInterval, saveInterval } from './saved-interval.ts'
import { Shard } from './shard/shard.ts'
import { counter, gauge } from './testdata/samples.ts'

const NOW_MS = 1_700_000_003_000
let directory = ''
let path = ''

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kymo-saved-interval-'))
  path = join(directory, 'saved-interval.bin')
})
afterEach(() => rmSync(directory, { recursive: true }))

function savedOf(value: number): SavedInterval {
  const shard = new Shard({ intervalMs: 10_000, nowMs: NOW_MS })
  shard.add(counter('a', value), NOW_MS)
  shard.add(gauge('__proto__', value), NOW_MS)
  return { lastFlushMs: 1_700_000_000_000, partial: shard.seal(NOW_MS) }
}

test('what is saved is loaded, until it is cleared', () => {
  expect(loadSavedInterval(directory, silentLog)).toBeUndefined()
  const saved = savedOf(5)
  saveInterval(directory, saved)
  expect(loadSavedInterval(directory, silentLog)).toEqual(saved)
  expect(loadSavedInterval(directory, silentLog)).toEqual(saved)
  clearSavedInterval(directory)
  expect(loadSavedInterval(directory, silentLog)).toBeUndefined()
  clearSavedInterval(directory)
  expect(readdirSync(directory)).toEqual([])
})

test('a later one replaces an earlier one', () => {
  saveInterval(directory, savedOf(5))
  saveInterval(directory, savedOf(6))
  expect(loadSavedInterval(directory, silentLog)).toEqual(savedOf(6))
  expect(readdirSync(directory)).toEqual(['saved-interval.bin'])
})

test('a file that was being written when the power went does not count', () => {
  saveInterval(directory, savedOf(5))
  writeFileSync(`${path}.new`, 'half a fi')
  expect(loadSavedInterval(directory, silentLog)).toEqual(savedOf(5))
  clearSavedInterval(directory)
  expect(readdirSync(directory)).toEqual([])
})

describe('a damaged file', () => {
  test('is told at every bit and every length, moved aside, and counts as none', () => {
    saveInterval(directory, savedOf(5))
    const bytes = readFileSync(path)
    // Every bit of the header of the file; the partial aggregate behind it has tests of its own.
    const damaged = Array.from({ length: 24 * 8 }, (_, bit) => {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      return flipped
    })
    for (const length of [0, 3, 23, 24, 30, bytes.length - 1]) damaged.push(bytes.subarray(0, length))
    for (const content of damaged) {
      writeFileSync(path, content)
      expect(loadSavedInterval(directory, silentLog)).toBeUndefined()
      expect(existsSync(path)).toBe(false)
      expect(readFileSync(`${path}.damaged`).equals(content)).toBe(true)
    }
  })

  test('is reported with its place and the byte', () => {
    saveInterval(directory, savedOf(5))
    const bytes = readFileSync(path)
    bytes[bytes.length - 1] = 0xff
    writeFileSync(path, bytes)
    expect(reportsOfLoading()).toEqual([
      {
        code: 'data-corrupt',
        path,
        offset: 24 + 12,
        reason: 'the checksum does not match',
        movedTo: `${path}.damaged`,
      },
    ])
  })

  test('may be whole and of another version: the report says of which', () => {
    saveInterval(directory, savedOf(5))
    const bytes = readFileSync(path)
    bytes.writeUInt16LE(1, 24 + 4)
    writeFileSync(path, bytes)
    expect(reportsOfLoading()).toMatchObject([
      { code: 'data-corrupt', reason: 'it is of version 1, and this Kymo reads version 2' },
    ])
    expect(readdirSync(directory)).toEqual(['saved-interval.bin.damaged'])
  })

  function reportsOfLoading(): unknown[] {
    const reports: unknown[] = []
    const log = { ...silentLog }
    log.error = (fields: unknown) => reports.push(fields)
    expect(loadSavedInterval(directory, log)).toBeUndefined()
    return reports
  }
})

test('a directory that cannot be written or read is a KymoError', () => {
  const missing = join(directory, 'missing')
  expect(() => saveInterval(missing, savedOf(5))).toThrow(KymoError)
  expect(loadSavedInterval(missing, silentLog)).toBeUndefined()
  writeFileSync(missing, 'a file')
  expect(() => loadSavedInterval(missing, silentLog)).toThrow(KymoError)
})
