// Bits that flip and files that are cut, in every kind of file of a store. Ten thousand bits in test/full/store-damage.test.ts.
import { beforeAll, expect, test } from 'vitest'
import { Random } from '../../../test/harness/random.ts'
import { damage, makeImage, type StoreImage } from './testdata/damaged-store.ts'

let image: StoreImage
beforeAll(async () => {
  image = await makeImage()
})

test('there is a file of each kind', () => {
  const kinds = new Set([...image.keys()].map((name) => name.split('/')[0]))
  expect([...kinds].toSorted((a, b) => (a ?? '').localeCompare(b ?? ''))).toEqual(['blocks', 'FORMAT', 'log'])
})

test('a bit that flips is found in its file, costs what is there at most, and never makes a value', async () => {
  const random = new Random(7)
  for (let round = 0; round < 25; round++) {
    const [name, bytes] = random.pick([...image])
    const bit = random.below(bytes.length * 8)
    const flipped = Buffer.from(bytes)
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    const report = await damage(image, name, flipped, { repairs: round % 5 === 0 })
    expect(report.complaints, `${name}, bit ${bit}`).toEqual([])
    // A blank in FORMAT may become another one.
    expect(report.isFound || name === 'FORMAT', `${name}, bit ${bit}`).toBe(true)
    if (!report.isFound) expect(report.missingPoints).toBe(0)
  }
})

test('a file that is cut, empty or gone costs what it held at most', async () => {
  for (const [name, bytes] of image) {
    for (const length of [0, bytes.length - 1]) {
      const report = await damage(image, name, bytes.subarray(0, length), { repairs: false })
      expect(report.complaints, `${name}, ${length} bytes`).toEqual([])
      if (report.missingPoints > 0) expect(report.isFound, `${name}, ${length} bytes`).toBe(true)
    }
    expect((await damage(image, name, undefined, { repairs: false })).complaints, `${name} is gone`).toEqual(
      [],
    )
  }
})
