import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LINE_FORMATS } from './index.ts'

test('every folder with a decoder of lines is on the shelf, under its own name', () => {
  const folders = readdirSync(import.meta.dirname).filter((name) =>
    existsSync(join(import.meta.dirname, name, 'decode-line.ts')),
  )
  expect(folders.length).toBeGreaterThan(1)
  expect(LINE_FORMATS.map((format) => format.name).sort()).toEqual(folders.sort())
})

test('the largest datagram is not too long for a line', () => {
  for (const format of LINE_FORMATS) expect(format.maxLineBytes).toBeGreaterThanOrEqual(65_507)
})
