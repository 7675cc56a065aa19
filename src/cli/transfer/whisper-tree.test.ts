import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { walkWhisperTree } from './whisper-tree.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kymo-tree-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function file(place: string): void {
  mkdirSync(dirname(join(root, place)), { recursive: true })
  writeFileSync(join(root, place), '')
}

function walked(after?: string): string[] {
  return [...walkWhisperTree(root, after)].map((found) =>
    found.kind === 'file' ? found.key : `${found.place}: ${found.reason}`,
  )
}

test('files are series, by their place; a node can be branch and leaf', () => {
  for (const place of ['b/c.wsp', 'b/c/d.wsp', 'a.wsp', 'b-c.wsp', 'größe.wsp']) file(place)
  expect(walked()).toEqual(['a', 'b.c.d', 'b.c', 'b-c', 'größe'])
})

test('tagged series have their key as a name, with dots written out', () => {
  file('_tagged/0a1/b2c/disk_DOT_used;host=web1;dc=fra.wsp')
  file(`_tagged/0a1/b2c/${'0'.repeat(64)}.wsp`)
  file('_tagged/0a1/b2c/plain.wsp')
  expect(walked()).toEqual([
    expect.stringContaining('cannot be told from its hash'),
    'disk.used;dc=fra;host=web1',
    '_tagged/0a1/b2c/plain.wsp: it is no tagged series',
  ])
})

test('links, hidden and odd names are left alone, and said to be', () => {
  file('a/b.wsp')
  symlinkSync(root, join(root, 'a', 'loop'))
  symlinkSync(join(root, 'a', 'b.wsp'), join(root, 'a', 'link.wsp'))
  symlinkSync('/nowhere', join(root, 'a', 'broken.wsp'))
  for (const place of ['.hidden/a.wsp', 'a/.b.wsp', 'a/notes.txt', 'a/x y.wsp', 'a/c.d/e.wsp', 'a/.wsp'])
    file(place)
  expect(walked().sort()).toEqual([
    '.hidden: it is hidden',
    'a.b',
    'a/.b.wsp: it is hidden',
    'a/.wsp: it is hidden',
    'a/broken.wsp: links are not followed',
    'a/c.d/e.wsp: carbon does not make such names',
    'a/link.wsp: links are not followed',
    'a/loop: links are not followed',
    'a/notes.txt: it is no whisper file',
    'a/x y.wsp: carbon does not make such names',
  ])
})

test('a walk goes on behind any file', () => {
  for (const place of ['a.wsp', 'b/c.wsp', 'b/c/d.wsp', 'b/c/e.wsp', 'b/f.wsp', 'c/a.wsp']) file(place)
  const places = [...walkWhisperTree(root)].flatMap((found) => (found.kind === 'file' ? found.place : []))
  expect(places).toHaveLength(6)
  for (const [index, place] of places.entries()) {
    const rest = [...walkWhisperTree(root, place)].map((found) => found.place)
    expect(rest).toEqual(places.slice(index + 1))
  }
  // The file itself may be gone by then.
  expect([...walkWhisperTree(root, 'b/d.wsp')].map(({ place }) => place)).toEqual(['b/f.wsp', 'c/a.wsp'])
})
