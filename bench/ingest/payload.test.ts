import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createPayload, lineAt } from './payload.ts'

const directory = mkdtempSync(join(tmpdir(), 'kymo-test-'))
afterAll(() => rmSync(directory, { recursive: true }))

describe.each([
  ['mixed', 1_000, 1],
  ['tagged', 1_000, 30],
  ['counters', 30_000, 30],
  ['mixed', 1_000, 30, true],
] as const)('%s lines of %i names, %i a datagram', (kind, names, linesPerDatagram, shuffled?) => {
  const isShuffled = shuffled === true
  const payload = createPayload(directory, { kind, names, linesPerDatagram, isShuffled })

  test('are written as datagrams, each after its length', () => {
    const datagrams = datagramsOf(payload.path)
    expect(datagrams).toHaveLength(payload.datagrams)
    const lines = datagrams.flatMap((datagram) => datagram.split('\n'))
    expect(lines).toHaveLength(payload.datagrams * linesPerDatagram)
    const wrong = lines.filter((line, index) => {
      const { name, value, type, tags } = lineAt(payload, index)
      return line !== `${name}:${value}|${type}${tags && `|#${tags}`}`
    })
    expect(wrong).toEqual([])
  })

  test('hold every name', () => {
    const lines = payload.datagrams * linesPerDatagram
    const found = new Set(Array.from({ length: lines }, (_, index) => lineAt(payload, index).name))
    expect(found.size).toBe(names)
  })

  test(`come in ${isShuffled ? 'no' : 'one'} order`, () => {
    const next = new Map<string, string>()
    let sameCount = 0
    for (let index = 0; index < 3 * names; index++) {
      const [{ name }, { name: following }] = [lineAt(payload, index), lineAt(payload, index + 1)]
      if (next.get(name) === following) sameCount++
      next.set(name, following)
    }
    if (isShuffled) expect(sameCount).toBeLessThan(names / 20)
    else expect(sameCount).toBe(2 * names)
  })
})

test.each(['counters', 'gauges'] as const)('names of %s have 50 bytes', (kind) => {
  const options = { kind, names: 1_000_000, linesPerDatagram: 30 }
  for (const index of [0, 1, 999_999]) expect(lineAt(options, index).name).toHaveLength(50)
})

test('half of mixed lines are counters, a quarter timers, a quarter gauges', () => {
  const options = { kind: 'mixed', names: 10_000, linesPerDatagram: 30 } as const
  const counts = { c: 0, ms: 0, g: 0 }
  for (let index = 0; index < 10_000; index++) counts[lineAt(options, index).type]++
  expect(counts).toEqual({ c: 5_000, ms: 2_500, g: 2_500 })
})

test('a tagged line has five tags', () => {
  expect(lineAt({ kind: 'tagged', names: 10, linesPerDatagram: 1 }, 3).tags.split(',')).toHaveLength(5)
})

function datagramsOf(path: string): string[] {
  const bytes = readFileSync(path)
  const datagrams: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at)
    datagrams.push(bytes.toString('latin1', at + 4, at + 4 + length))
    at += 4 + length
  }
  return datagrams
}
