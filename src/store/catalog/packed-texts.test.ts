import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TextPacker, unpackTexts } from './packed-texts.ts'

test('any number of any texts comes out as it went in, also through a port', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('', '\ud800', '\u0000', 'x'.repeat(3_000)),
  )
  const texts = fc.oneof(fc.array(text), fc.array(text, { minLength: 510, maxLength: 1_030 }))
  fc.assert(
    fc.property(texts, (some) => {
      const packer = new TextPacker()
      for (const one of some) packer.add(one)
      expect(packer.count).toBe(some.length)
      expect(unpackTexts(structuredClone(packer.finish()))).toEqual(some)
    }),
    { numRuns: 50 },
  )
})
