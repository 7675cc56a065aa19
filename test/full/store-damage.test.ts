// Ten thousand bits that flip, and every file of a store cut at every 512 bytes.
import { beforeAll, expect, test } from 'vitest'
import { damage, makeImage, type StoreImage } from '../../src/store/embedded/testdata/damaged-store.ts'
import { Random } from '../harness/random.ts'

const FLIPS = Number(process.env['KYMO_FLIPS'] ?? 10_000)
const SECTOR_BYTES = 512
/** A repair and what comes after it take longer than all the rest. */
const FLIPS_PER_REPAIR = 20

let image: StoreImage
beforeAll(async () => {
  image = await makeImage()
})

test(
  `${FLIPS} bits that flip: each is found in its file, costs what is there at most, and never makes a value`,
  async () => {
    const random = new Random(FLIPS)
    let costly = 0
    for (let round = 0; round < FLIPS; round++) {
      const [name, bytes] = random.pick([...image])
      const bit = random.below(bytes.length * 8)
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const repairs = round % FLIPS_PER_REPAIR === 0
      const report = await damage(image, name, flipped, { repairs })
      expect(report.complaints, `${name}, bit ${bit}`).toEqual([])
      // A blank in FORMAT may become another one.
      expect(report.isFound || name === 'FORMAT', `${name}, bit ${bit}`).toBe(true)
      if (report.missingPoints > 0) costly += 1
    }
    expect(costly).toBeGreaterThan(FLIPS / 4)
  },
  FLIPS * 200,
)

test('every file cut at every 512 bytes, and one byte before and behind', async () => {
  for (const [name, bytes] of image) {
    for (let sector = 0; sector <= bytes.length; sector += SECTOR_BYTES) {
      for (const length of [sector - 1, sector, sector + 1]) {
        if (length < 0 || length >= bytes.length) continue
        const report = await damage(image, name, bytes.subarray(0, length))
        expect(report.complaints, `${name}, ${length} bytes`).toEqual([])
        if (report.missingPoints > 0) expect(report.isFound, `${name}, ${length} bytes`).toBe(true)
      }
    }
  }
}, 600_000)

const DAMAGES: readonly (readonly [string, (bytes: Buffer) => Buffer])[] = [
  ['its header overwritten', (bytes) => bytes.fill(0, 0, 40)],
  ['its last record torn', (bytes) => bytes.subarray(0, -3)],
  ['a byte of its middle changed', (bytes) => withByte(bytes, bytes.length >> 1)],
  [
    'a sector of its middle lost',
    (bytes) => bytes.fill(0, bytes.length >> 1, Math.min(bytes.length, (bytes.length >> 1) + SECTOR_BYTES)),
  ],
  ['strange bytes behind its end', (bytes) => Buffer.concat([bytes, Buffer.from('no record at all')])],
  ['its first record written over by ones', (bytes) => bytes.fill(255, 40, 80)],
  [
    'its halves in the wrong order',
    (bytes) => Buffer.concat([bytes.subarray(bytes.length >> 1), bytes.subarray(0, bytes.length >> 1)]),
  ],
]

test.each(DAMAGES)(
  'the first, the middle and the last file of the log and of the blocks, %s',
  async (_, change) => {
    for (const folder of ['log', 'blocks']) {
      const names = [...image.keys()].filter((name) => name.startsWith(folder)).sort()
      for (const name of [names[0], names[names.length >> 1], names.at(-1)]) {
        if (name === undefined) throw new Error(`no file in ${folder}`)
        const report = await damage(image, name, change(Buffer.from(image.get(name) ?? '')))
        expect(report.complaints, name).toEqual([])
        expect(report.isFound, name).toBe(true)
      }
    }
  },
)

function withByte(bytes: Buffer, offset: number): Buffer {
  bytes[offset] = (bytes[offset] ?? 0) ^ 0xff
  return bytes
}
