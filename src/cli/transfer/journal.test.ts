import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Journal } from './journal.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kymo-journal-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const ENTRY = { source: '/wsp', target: 'http://x', through: 'a/b.wsp', files: 1, bytes: 2, points: 3 }

test('it says what was written last, until it is removed', () => {
  const journal = new Journal(join(folder, 'j'))
  expect(journal.read()).toBeUndefined()
  journal.write(ENTRY)
  journal.write({ ...ENTRY, through: 'c' })
  expect(new Journal(join(folder, 'j')).read()).toMatchObject({ ...ENTRY, through: 'c' })
  journal.remove()
  expect(journal.read()).toBeUndefined()
  journal.remove()
})

test('what was being written when the process was killed counts for nothing', () => {
  const journal = new Journal(join(folder, 'j'))
  journal.write(ENTRY)
  writeFileSync(join(folder, 'j.new'), '{"ver')
  expect(journal.read()).toMatchObject(ENTRY)
  journal.remove()
  expect(existsSync(join(folder, 'j.new'))).toBe(false)
})

test.each(['', '{', '[]', 'null', '{"version":2}', '{"version":1,"source":"a"}'])(
  '%j is no journal',
  (text) => {
    writeFileSync(join(folder, 'j'), text)
    expect(() => new Journal(join(folder, 'j')).read()).toThrow('it is no journal of an import')
  },
)

test('where it cannot be written, that is said', () => {
  expect(() => new Journal(join(folder, 'none', 'j')).write(ENTRY)).toThrow('ENOENT')
})
