import { expect, test } from 'vitest'
import { letGoOfPrograms, returnLargeMemory, trimMemory, unchangedPages } from './return-memory.ts'

const mapping = (head: string, figures: Readonly<Record<string, number>> = {}): string =>
  [
    head,
    'Size:              16384 kB',
    'Rss:                3352 kB',
    `Shared_Dirty:          ${figures['Shared_Dirty'] ?? 0} kB`,
    `Private_Dirty:         ${figures['Private_Dirty'] ?? 0} kB`,
    `Anonymous:             ${figures['Anonymous'] ?? 0} kB`,
    'VmFlags: rd ex mr mw me',
    '',
  ].join('\n')

const FILE = 'fe:00 5326386                            /usr/bin/node with a blank'

test.each<[what: string, smaps: string, count: number]>([
  ['code', mapping(`00400000-00746000 r-xp 00346000 ${FILE}`), 1],
  ['constants', mapping(`00400000-00746000 r--p 00346000 ${FILE}`), 1],
  ['what can be written', mapping(`00400000-00746000 rw-p 00346000 ${FILE}`), 0],
  ['what others share', mapping(`00400000-00746000 r--s 00346000 ${FILE}`), 0],
  [
    'what was written before it was made read-only',
    mapping(`00400000-00746000 r--p 00346000 ${FILE}`, { Anonymous: 8 }),
    0,
  ],
  ['what is dirty', mapping(`00400000-00746000 r--p 00346000 ${FILE}`, { Private_Dirty: 4 }), 0],
  ['what is small', mapping(`00400000-00410000 r-xp 00346000 ${FILE}`), 0],
  ['what is of no file', mapping('00400000-00746000 r-xp 00000000 00:00 0'), 0],
  ['what has a name and is no file', mapping('7ffd00400000-7ffd00746000 r-xp 00000000 00:00 0    [vdso]'), 0],
  ['nothing', '', 0],
])('of %s', (_what, smaps, count) => {
  const pages = unchangedPages(mapping(`10000000-20000000 rw-p 00000000 ${FILE}`) + smaps)
  expect(pages).toEqual(count === 0 ? [] : [{ address: 0x400000n, bytes: 0x346000 }])
})

test('a process that has given back everything goes on', async () => {
  await returnLargeMemory()
  for (let turn = 0; turn < 3; turn++) {
    await trimMemory()
    await letGoOfPrograms()
  }
  expect(new Set(Array.from({ length: 1_000 }, (_, index) => JSON.stringify({ index }))).size).toBe(1_000)
})
