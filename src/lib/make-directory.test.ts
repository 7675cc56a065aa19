import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeDirectory } from './make-directory.ts'

const root = mkdtempSync(join(tmpdir(), 'kymo-make-directory-'))
afterAll(() => rmSync(root, { recursive: true }))

test('a directory is made with those above it, and says whether it is new', () => {
  expect(makeDirectory(join(root, 'a', 'b', 'c'))).toBe(true)
  expect(makeDirectory(join(root, 'a', 'b', 'c'))).toBe(false)
  expect(makeDirectory(join(root, 'a', 'd'))).toBe(true)
})

test('a file in the way is the system’s error', () => {
  writeFileSync(join(root, 'file'), '')
  expect(() => makeDirectory(join(root, 'file'))).toThrow(/EEXIST/)
  expect(() => makeDirectory(join(root, 'file', 'below'))).toThrow(/ENOTDIR/)
})

test.skipIf(!existsSync('/proc/self'))(
  'where no directory can be made, it fails instead of trying for ever',
  () => {
    expect(() => makeDirectory('/proc/nowhere/below')).toThrow(/ENOENT/)
  },
)
