import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  mkdirSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Dashboard } from './dashboard.ts'
import { openDashboardStore } from './dashboard-files.ts'

let directory: string
const store = () => openDashboardStore(path.join(directory, 'dashboards'))
const file = (name: string) => path.join(directory, 'dashboards', name)

const SHOP: Dashboard = {
  version: 1,
  title: '<img src=x onerror=alert(1)>',
  description: '',
  from: '-1h',
  until: '',
  variables: [{ name: 'host', query: 'servers.*', choices: [], value: '*' }],
  panels: [{ title: 'CPU', x: 0, y: 0, width: 12, height: 8, draw: 'lines', targets: ['servers.$host.cpu'] }],
}

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'kymo-dashboards-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('without a directory there are none, and the first save makes it', async () => {
  expect(await store().list()).toEqual({ dashboards: [], damaged: [], unread: 0 })
  const { revision } = await store().save('shop', SHOP, null)
  expect(await store().get('shop')).toEqual({ id: 'shop', revision, dashboard: SHOP })
  expect(await store().list()).toMatchObject({
    dashboards: [{ id: 'shop', title: SHOP.title, panels: 1, revision }],
  })
  expect(readdirSync(path.join(directory, 'dashboards'))).toEqual(['shop.json'])
})

test('the file reads well, and is the same whatever order keys came in', async () => {
  await store().save('shop', Object.fromEntries(Object.entries(SHOP).reverse()) as Dashboard, null)
  const text = readFileSync(file('shop.json'), 'utf8')
  expect(text).toContain('{\n  "version": 1,\n  "title": "<img')
  expect(text.endsWith('}\n')).toBe(true)
})

test('a change of what somebody else has changed is refused', async () => {
  const first = await store().save('shop', SHOP, null)
  await expect(store().save('shop', SHOP, null)).rejects.toMatchObject({ code: 'dashboard-changed' })
  const second = await store().save('shop', { ...SHOP, title: 'Two' }, first.revision)
  await expect(store().save('shop', SHOP, first.revision)).rejects.toMatchObject({
    code: 'dashboard-changed',
  })
  // As git would.
  writeFileSync(file('shop.json'), readFileSync(file('shop.json'), 'utf8').replace('Two', 'Three'))
  await expect(store().delete('shop', second.revision)).rejects.toMatchObject({ code: 'dashboard-changed' })
  const third = await store().get('shop')
  expect(third.dashboard.title).toBe('Three')
  await store().delete('shop', third.revision)
  await expect(store().get('shop')).rejects.toMatchObject({ code: 'dashboard-unknown' })
  await expect(store().save('shop', SHOP, third.revision)).rejects.toMatchObject({
    code: 'dashboard-unknown',
  })
})

test('of many who save the same at once, one does', async () => {
  const one = store()
  const { revision } = await one.save('shop', SHOP, null)
  const titles = Array.from({ length: 20 }, (_, index) => `Title ${index}`)
  const outcomes = await Promise.allSettled(
    titles.map((title) => one.save('shop', { ...SHOP, title }, revision)),
  )
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect((await one.get('shop')).dashboard.title).toBe('Title 0')
})

test.each([
  '',
  '..',
  '../shop',
  'a/b',
  'a\\b',
  'a\0b',
  '.hidden',
  'Shop',
  'a'.repeat(101),
  'a.b',
  'ä',
  '-a',
  'a\n',
])('the id %j is refused', async (id) => {
  const refused = { code: 'dashboard-id-invalid' }
  await expect(store().get(id)).rejects.toMatchObject(refused)
  await expect(store().save(id, SHOP, null)).rejects.toMatchObject(refused)
  await expect(store().delete(id, 'x')).rejects.toMatchObject(refused)
  expect(() => readdirSync(path.join(directory, 'dashboards'))).toThrow('ENOENT')
})

test('damaged files are named, and the others load', async () => {
  const { revision } = await store().save('shop', SHOP, null)
  writeFileSync(path.join(directory, 'secret.json'), '{}')
  writeFileSync(file('cut.json'), '{"version": 1, "titl')
  writeFileSync(file('future.json'), '{"version": 2, "title": "a"}')
  writeFileSync(file('wide.json'), JSON.stringify({ ...SHOP, panels: [{ ...SHOP.panels[0], x: 20 }] }))
  writeFileSync(file('large.json'), ' '.repeat(1024 * 1024 + 1))
  writeFileSync(file('Upper.json'), '{}')
  writeFileSync(file('bytes.json'), Buffer.from([0xff, 0x00, 0xfe]))
  symlinkSync('../secret.json', file('link.json'))
  mkdirSync(file('directory.json'))
  writeFileSync(file('README.md'), 'text')
  const { dashboards, damaged } = await store().list()
  expect(dashboards).toMatchObject([{ id: 'shop', revision }])
  expect(damaged.map(({ file: name, problem }) => `${name}: ${problem.slice(0, 30)}`)).toEqual([
    'Upper.json: its name is none for a dashboa',
    expect.stringMatching(/^bytes.json: it is not JSON/),
    expect.stringMatching(/^cut.json: it is not JSON/),
    'directory.json: it is not a plain file',
    'future.json: version: only version 1 is kno',
    'large.json: it is larger than 1048576 byte',
    'link.json: it is not a plain file',
    'wide.json: panels.0: it reaches past colu',
  ])
  await expect(store().get('cut')).rejects.toMatchObject({ code: 'dashboard-damaged' })
  await expect(store().save('cut', SHOP, null)).rejects.toMatchObject({ code: 'dashboard-changed' })
})

test('where nothing can be written, the old file stays and the error says where', async () => {
  writeFileSync(path.join(directory, 'dashboards'), 'a file')
  await expect(store().save('shop', SHOP, null)).rejects.toMatchObject({
    code: expect.stringMatching(/^dashboards-un(readable|writable)$/),
  })
  await expect(store().list()).rejects.toMatchObject({ code: 'dashboards-unreadable' })
})
