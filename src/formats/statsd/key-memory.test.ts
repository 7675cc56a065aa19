import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeyMemory } from './key-memory.ts'

function places(name: string, tags: string) {
  const bytes = Buffer.from(`${name}:1|c|#${tags}`)
  const nameEnd = Buffer.byteLength(name)
  const tagsStart = nameEnd + 6
  return [bytes, 0, nameEnd, tagsStart, bytes.length] as const
}

test('what comes for the second time is known from then on', () => {
  const memory = new KeyMemory()
  const where = places('a.b', 'k:v')
  for (const known of [undefined, undefined, 'the key', 'the key']) {
    expect(memory.find(...where)).toBe(known)
    memory.keep(...where, 'the key')
  }
})

test('the same bytes, divided otherwise, are not the same', () => {
  const memory = new KeyMemory()
  for (let times = 0; times < 2; times++) {
    memory.find(...places('ab', 'c'))
    memory.keep(...places('ab', 'c'), 'ab;c=true')
  }
  expect(memory.find(...places('ab', 'c'))).toBe('ab;c=true')
  expect(memory.find(...places('a', 'bc'))).toBeUndefined()
  expect(memory.find(...places('abc', ''))).toBeUndefined()
})

test('what is too long is never known', () => {
  const memory = new KeyMemory()
  const where = places('n'.repeat(90), 'k:value')
  for (let times = 0; times < 3; times++) {
    expect(memory.find(...where)).toBeUndefined()
    memory.keep(...where, 'the key')
  }
})

test('what is found is never the key of something else', () => {
  const memory = new KeyMemory()
  const words = fc.string({ unit: fc.constantFrom('a', 'b', '\u00e9'), maxLength: 5 })
  fc.assert(
    fc.property(fc.array(fc.tuple(words, words), { maxLength: 60 }), (pairs) => {
      for (const [name, tags] of pairs) {
        const where = places(`n${name}`, tags)
        const wanted = `${name};${tags}`
        const found = memory.find(...where)
        if (found === undefined) memory.keep(...where, wanted)
        else expect(found).toBe(wanted)
      }
    }),
    { numRuns: 200 },
  )
})
