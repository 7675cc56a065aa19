import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runIn } from './testdata/run-in.ts'

/** Whole minutes of the last hour. */
const NOW = Math.floor(Date.now() / 60_000) * 60
let folder: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kymo-commands-'))
  writeFileSync(
    join(folder, 'lines'),
    ['web.a', 'web.b', 'db.a', 't;env=prod']
      .flatMap((name) => [`${name} 1 ${NOW - 120}`, `${name} 2 ${NOW}`])
      .join('\n'),
  )
  await kymo('import', 'carbon-lines', 'lines')
})
afterEach(() => rmSync(folder, { recursive: true }))

const kymo = (...argv: string[]) => runIn(folder, argv)

async function lines(...flags: string[]): Promise<string[]> {
  const { stdout } = await kymo('export', 'carbon-lines', ...flags)
  return stdout.split('\n').filter((line) => line !== '')
}

test('delete says what would go, and does it with --yes', async () => {
  const said = await kymo('delete', 'web.*')
  expect(said).toMatchObject({ code: 0, stderr: '' })
  expect(said.stdout).toBe(
    'Points of 2 series would go:\n  web.a\n  web.b\nNothing has been deleted yet; give --yes to do it. It cannot be undone.\n',
  )
  expect(await lines()).toHaveLength(8)
  expect((await kymo('delete', 'web.*', '--yes')).stdout).toBe('Deleted points of 2 series.\n')
  expect((await lines()).map((line) => line.split(' ')[0])).toEqual([
    'db.a',
    'db.a',
    't;env=prod',
    't;env=prod',
  ])
})

test('delete takes a part of the time, and series by their tags', async () => {
  const { stdout } = await kymo(
    'delete',
    '--tags',
    'env=prod',
    '--until',
    String(NOW - 60),
    '--yes',
    '--json',
  )
  expect(JSON.parse(stdout)).toEqual({ series: 1, names: ['t;env=prod'], deleted: 1, dry_run: false })
  expect((await lines()).filter((line) => line.startsWith('t;'))).toEqual([`t;env=prod 2 ${NOW}`])
})

test('delete that matches nothing says so', async () => {
  expect(await kymo('delete', 'nothing.*')).toMatchObject({ code: 0, stdout: 'No series match.\n' })
  expect(await kymo('delete')).toMatchObject({ code: 64 })
  expect(await kymo('delete', 'a', '--from', '20', '--until', '10')).toMatchObject({ code: 64 })
})

test('a backup is restored to another directory', async () => {
  const made = await kymo('backup', 'saved')
  expect(made).toMatchObject({ code: 0, stderr: '' })
  expect(made.stdout).toMatch(/^ok: \d files, [\d,]+ bytes in .*saved, linked/)
  await kymo('delete', '**', '--yes')
  const restored = await kymo('restore', 'saved', '--data', 'again')
  expect(restored).toMatchObject({ code: 0, stderr: '' })
  expect(restored.stdout).toContain('4 series and 8 points as they came')
  expect(await lines('--data', 'again')).toHaveLength(8)
})

test('what is there is never restored over, and a damaged backup not at all', async () => {
  await kymo('backup', 'saved')
  expect(await kymo('restore', 'saved')).toMatchObject({ code: 73 })
  const [name = ''] = readdirSync(join(folder, 'saved', 'blocks'))
  const block = join(folder, 'saved', 'blocks', name)
  const bytes = readFileSync(block)
  bytes[100] = (bytes[100] ?? 0) ^ 1
  writeFileSync(block, bytes)
  const refused = await kymo('restore', 'saved', '--data', 'again')
  expect(refused).toMatchObject({ code: 73 })
  expect(refused.stderr).toContain('the backup is damaged in 1 places')
  expect(existsSync(join(folder, 'again'))).toBe(false)
  expect(await kymo('restore', 'nowhere', '--data', 'again')).toMatchObject({ code: 73 })
  expect(await kymo('backup', 'saved')).toMatchObject({ code: 73 })
  expect(await kymo('backup')).toMatchObject({ code: 64 })
})
