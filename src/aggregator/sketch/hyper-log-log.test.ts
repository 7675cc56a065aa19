import { describe, expect, test } from 'vitest'
import { FIRST_SEED, hashMember, SECOND_SEED } from './member-hash.ts'
import { HyperLogLog } from './hyper-log-log.ts'

function hash(text: string): [number, number] {
  const halves = new Uint32Array(2)
  hashMember(text, halves)
  return [halves[0] ?? 0, halves[1] ?? 0]
}

function countOf(members: Iterable<string>): HyperLogLog {
  const counted = new HyperLogLog()
  for (const member of members) counted.add(member)
  return counted
}

const users = (count: number, first = 0) => Array.from({ length: count }, (_, i) => `user-${first + i}`)

describe('the hash of a member', () => {
  // The plain way, from its description.
  function murmur(text: string, seed: number): number {
    const bytes = Buffer.from(text)
    const word = (value: number) => {
      const once = Math.imul(value, 0xcc9e2d51)
      return Math.imul((once << 15) | (once >>> 17), 0x1b873593)
    }
    let sum = seed
    for (let at = 0; at < bytes.length; at += 4) {
      const part = bytes.subarray(at, at + 4)
      sum ^= word(part.reduceRight((value, byte) => (value << 8) | byte, 0))
      if (part.length === 4) sum = (Math.imul((sum << 13) | (sum >>> 19), 5) + 0xe6546b64) | 0
    }
    sum ^= bytes.length
    sum = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b)
    sum = Math.imul(sum ^ (sum >>> 13), 0xc2b2ae35)
    return (sum ^ (sum >>> 16)) >>> 0
  }

  test('is MurmurHash3 by the values that are published of it', () => {
    expect(murmur('', 1)).toBe(0x514e28b7)
    expect(murmur('hello', 0)).toBe(0x248bfa47)
    expect(murmur('The quick brown fox jumps over the lazy dog', 0)).toBe(0x2e4ff723)
  })

  test.each([
    '',
    'a',
    'ab',
    'abc',
    'abcd',
    'größe',
    '日本語',
    '__proto__',
    '😀',
    'x'.repeat(5_000),
    '日'.repeat(2_000),
  ])('has both halves: %j', (text) => {
    expect(hash(text)).toEqual([murmur(text, FIRST_SEED), murmur(text, SECOND_SEED)])
  })
})

describe('the estimate', () => {
  test.each([0, 1, 10, 100, 1_000, 10_000, 30_000, 45_000, 100_000, 1_000_000])('of %d is near', (count) => {
    // The standard error is 0.8 %; of few members there are hardly any collisions.
    const bound = Math.max(count * 0.02, count > 100 ? 3 : 0.5)
    expect(Math.abs(countOf(users(count)).estimate() - count)).toBeLessThanOrEqual(bound)
  })

  test('is not off to one side', () => {
    for (const count of [12_000, 41_000, 80_000]) {
      const errors = Array.from({ length: 15 }, (_, round) => {
        return countOf(users(count, round * 1_000_000)).estimate() / count - 1
      })
      const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length
      const spread = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length)
      expect(Math.abs(mean)).toBeLessThan(0.006)
      expect(spread).toBeLessThan(0.013)
    }
  })

  test('does not count a member twice', () => {
    const twice = [...users(20_000), ...users(20_000)]
    expect(countOf(twice).registers).toEqual(countOf(users(20_000)).registers)
  })

  test('of full registers is large and finite', () => {
    const full = new HyperLogLog()
    full.merge(new Uint8Array(1 << 14).fill(50))
    expect(full.estimate()).toBeGreaterThan(1e15)
    expect(full.estimate()).toBeLessThan(1e20)
  })
})

test('merged registers are those of all members', () => {
  const merged = countOf(users(9_000))
  merged.merge(countOf(users(9_000, 5_000)).registers)
  expect(merged.registers).toEqual(countOf(users(14_000)).registers)
})
