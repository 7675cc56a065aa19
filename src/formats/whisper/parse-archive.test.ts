import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { archivesProblem } from './archive.ts'
import { parseArchive } from './parse-archive.ts'

/** What the real whisper says, run on these. */
const peer = JSON.parse(readFileSync(`${import.meta.dirname}/testdata/graphite_whisper.json`, 'utf8')) as {
  readonly retentionDefs: readonly { def: string; archives?: readonly [number, number][]; error?: string }[]
  readonly archiveValidation: readonly { archives: readonly [number, number][]; error?: string }[]
}

test.each(peer.retentionDefs)('whisper reads $def', ({ def, archives }) => {
  const parsed = def.split(',').map(parseArchive)
  if (archives === undefined) expect(parsed).toEqual([{ problem: expect.any(String) as string }])
  else expect(parsed).toEqual(archives.map(([stepSeconds, points]) => ({ stepSeconds, points })))
})

test.each(peer.archiveValidation)('whisper judges $archives', ({ archives, error }) => {
  const problem = archivesProblem(archives.map(([stepSeconds, points]) => ({ stepSeconds, points })))
  expect(problem).toEqual(error === undefined ? undefined : expect.any(String))
})

test.each([
  ['60', '"60" has no colon; write a step and how long it is kept, as in 60s:1d'],
  ['', '"" has no colon; write a step and how long it is kept, as in 60s:1d'],
  [':60', '":60": the step is missing'],
  ['60:', '"60:": what is kept is missing'],
  ['1.5s:1d', '"1.5s:1d": the step is "1.5s", which is no whole number with or without a unit'],
  [
    '1m:1mon',
    '"1m:1mon": what is kept is "1mon", whose unit is none of seconds, minutes, hours, days, weeks, years or their beginnings',
  ],
  ['0s:1d', '"0s:1d": the step is 0 s'],
  ['1s:99999999999999999999', '"1s:99999999999999999999" is too large a number'],
  [`${'9'.repeat(400)}y:1`, `"${'9'.repeat(60)}…" is too large a number`],
  [
    `x${'y'.repeat(100_000)}:1`,
    `"x${'y'.repeat(59)}…": the step is "x${'y'.repeat(59)}…", which is no whole number with or without a unit`,
  ],
])('%.40s is refused in words', (text, problem) => {
  expect(parseArchive(text)).toEqual({ problem })
})

test.each([
  [[], 'there has to be an archive'],
  [[[0, 10]], 'a step of 0 s is none'],
  [[[60, 0]], 'steps of 60 s are kept for less than one step'],
  [[[1, 4_294_967_296]], '4294967296 steps of 1 s are longer than 4294967295 s, the most a file can say'],
  [
    [
      [60, 60],
      [60, 120],
    ],
    'two archives have steps of 60 s',
  ],
  [
    [
      [60, 60],
      [7, 200],
    ],
    'steps of 60 s are not made of whole steps of 7 s',
  ],
  [
    [
      [60, 60],
      [300, 10],
    ],
    'steps of 300 s are kept for 3000 s, which is no longer than the 3600 s of the finer steps of 60 s',
  ],
  [
    [
      [10, 5],
      [60, 60],
    ],
    'a step of 60 s is made of 6 steps of 10 s, and only 5 of them are kept',
  ],
] as [[number, number][], string][])('%j is refused in words', (archives, problem) => {
  expect(archivesProblem(archives.map(([stepSeconds, points]) => ({ stepSeconds, points })))).toBe(problem)
})
