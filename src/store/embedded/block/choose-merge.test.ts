import { expect, test } from 'vitest'
import type { StoredFile } from '../stored-file.ts'
import { chooseMerge } from './choose-merge.ts'

const DAY_MS = 86_400_000

/** One block a day, of these sizes. */
function blocksOf(sizes: readonly number[]): StoredFile[] {
  return sizes.map((lengthBytes, day) => ({
    kind: 'block',
    first: day + 1,
    last: day + 1,
    path: `${day}`,
    lengthBytes,
    oldestMs: day * DAY_MS,
    newestMs: (day + 1) * DAY_MS - 1,
    newestFlushMs: 0,
    pointCount: lengthBytes,
    hasDeletes: false,
  }))
}

function chosenOf(files: readonly StoredFile[], longestMs = 31 * DAY_MS): number[] | undefined {
  return chooseMerge(files, { longestMs, isMergeable: () => true })?.map(({ first }) => first)
}

test.each<[string, number[], number[] | undefined]>([
  ['too few', [1, 1, 1], undefined],
  ['four of one size', [5, 5, 5, 5], [1, 2, 3, 4]],
  ['the latest of more', [5, 5, 5, 5, 5], [2, 3, 4, 5]],
  ['not a large one for the sake of small ones', [20, 5, 5, 5], undefined],
  ['small ones behind large ones', [80, 20, 5, 5, 5, 5], [3, 4, 5, 6]],
  ['larger ones, once there are enough of them', [20, 21, 19, 20, 1, 1], [2, 3, 4, 5]],
  ['none that would become too large', [80e6, 80e6, 80e6, 80e6], undefined],
])('%s', (_, sizes, chosen) => {
  expect(chosenOf(blocksOf(sizes))).toEqual(chosen)
})

test('none that would span too long, unless one does already', () => {
  const blocks = blocksOf([5, 5, 5, 5])
  expect(chosenOf(blocks, 3 * DAY_MS)).toBeUndefined()
  const [first, ...rest] = blocks
  expect(chosenOf([{ ...(first as StoredFile), newestMs: 9 * DAY_MS }, ...rest], 3 * DAY_MS)).toEqual([
    1, 2, 3, 4,
  ])
})

test('blocks on two sides of a segment stay apart, and so does what cannot be merged', () => {
  const blocks = blocksOf([5, 5, 5, 5])
  const parted = blocks.map((file) => (file.first === 2 ? { ...file, kind: 'segment' as const } : file))
  expect(chosenOf(parted)).toBeUndefined()
  expect(
    chooseMerge(blocks, { longestMs: 31 * DAY_MS, isMergeable: ({ first }) => first !== 3 }),
  ).toBeUndefined()
})

test('a year of days of one size is written again a few times, and ends in few blocks', () => {
  let files: StoredFile[] = []
  let writtenBytes = 0
  for (const day of blocksOf(Array.from({ length: 365 }, () => 1_000_000))) {
    files = [...files, day]
    for (
      let run = chooseMerge(files, { longestMs: 31 * DAY_MS, isMergeable: () => true });
      run !== undefined;
    ) {
      const merged = {
        ...(run[0] as StoredFile),
        last: run[3]?.last ?? 0,
        newestMs: run[3]?.newestMs ?? 0,
        lengthBytes: run.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0),
      }
      writtenBytes += merged.lengthBytes
      const members = run
      files = files.flatMap((file) => (file === members[0] ? [merged] : members.includes(file) ? [] : [file]))
      run = chooseMerge(files, { longestMs: 31 * DAY_MS, isMergeable: () => true })
    }
  }
  expect(files.length).toBeLessThan(40)
  expect(writtenBytes / 365_000_000).toBeLessThan(4)
})
