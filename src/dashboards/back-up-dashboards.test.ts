import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { backUpDashboards } from './back-up-dashboards.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kymo-'))
  mkdirSync(join(folder, 'backup'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const backUp = () => backUpDashboards(join(folder, 'from'), join(folder, 'backup'))

test('files of dashboards are in it, damaged ones too, and nothing else', async () => {
  mkdirSync(join(folder, 'from', 'sub.json'), { recursive: true })
  for (const name of ['shop.json', 'damaged.json', '.shop.json.new', 'notes.txt'])
    writeFileSync(join(folder, 'from', name), `in ${name}`)
  symlinkSync('/etc/passwd', join(folder, 'from', 'link.json'))
  expect(await backUp()).toBe(2)
  expect(readdirSync(join(folder, 'backup', 'dashboards')).toSorted()).toEqual(['damaged.json', 'shop.json'])
  expect(readFileSync(join(folder, 'backup', 'dashboards', 'shop.json'), 'utf8')).toBe('in shop.json')
})

test('where there are none, there is no directory of them', async () => {
  expect(await backUp()).toBe(0)
  mkdirSync(join(folder, 'from'))
  expect(await backUp()).toBe(0)
  expect(readdirSync(join(folder, 'backup'))).toEqual([])
})

test('what cannot be written is said', async () => {
  mkdirSync(join(folder, 'from'))
  writeFileSync(join(folder, 'from', 'shop.json'), '{}')
  writeFileSync(join(folder, 'backup', 'dashboards'), 'a file in the way')
  await expect(backUp()).rejects.toMatchObject({ code: 'backup-refused' })
})
