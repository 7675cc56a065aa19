import { expect, test } from 'vitest'
import { whisperPath } from './whisper-path.ts'

test.each([
  ['a', 'a.wsp'],
  ['servers.web1.load', 'servers/web1/load.wsp'],
  ['größe.ключ', 'größe/ключ.wsp'],
  ['disk.used;dc=fra;host=web1', '_tagged/2da/01d/disk_DOT_used;dc=fra;host=web1.wsp'],
  [`${'k'.repeat(251)}.a`, `${'k'.repeat(251)}/a.wsp`],
])('%s is kept at %s', (key, place) => {
  expect(whisperPath(key)).toBe(place)
})

test.each([
  ['a/b', 'no slash'],
  ['../../etc/passwd', 'no slash'],
  ['a\0b', 'no byte of 0'],
  ['..', 'empty nodes'],
  ['a..b', 'empty nodes'],
  ['', 'empty nodes'],
  ['k'.repeat(252), 'too long'],
  [`a;b=${'k'.repeat(300)}`, 'too long'],
])('%.20s has no place', (key, problem) => {
  expect(whisperPath(key)).toEqual({ problem: expect.stringContaining(problem) as string })
})
