// What rules of keeping do to the series of a Kymo that runs, said before they are in force: by the command, by HTTP, and in a reload.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { ReloadReport, RulesAnswer, SizeReport } from '../../src/api/services.ts'
import { runCommandLine } from '../../src/cli/index.ts'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

afterAll(cleanUp)

const IN_FORCE = '[own]\npattern = ^own\\.\nretentions = 10s:2d,1m:30d\n'
const OTHERS =
  '[own]\npattern = ^own\\.\nretentions = 10s:1d,1m:30d\n[new]\npattern = ^new\nretentions = 1m:1d\n'
const BROKEN = '[own]\npattern = (\nretentions = 10s:1d\n'

/** Runs the command in this process; resolves to what it printed and how it ended. */
async function run(cwd: string, ...argv: string[]) {
  let [stdout, stderr] = ['', '']
  const code = await runCommandLine({
    argv,
    env: {},
    cwd,
    hasTerminal: false,
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
  })
  return { code, stdout, stderr }
}

test('what rules will do is said before they are in force, and rules with mistakes change nothing', async () => {
  const folder = temporaryDirectory()
  const schemas = join(folder, 'schemas.conf')
  const others = join(folder, 'others.conf')
  writeFileSync(schemas, IN_FORCE)
  writeFileSync(others, OTHERS)
  const kymo = await KymoProcess.start({ cwd: folder, args: ['--storage-schemas', 'schemas.conf'] })
  const now = Math.floor(Date.now() / 1_000)
  const lines = [
    ...Array.from(
      { length: 10 },
      (_, index) => `own.${index} 1 ${now - 40 * 3_600}\nown.${index} 2 ${now}\n`,
    ),
    `new.a 1 ${now}\n`,
    `other;env=prod 1 ${now}\n`,
  ]
  await kymo.tcp(lines.join(''), 'graphite')
  const ask = async (args: readonly string[]) =>
    JSON.parse(
      (await run(folder, 'rules', '--flush-interval', '1s', ...args, '--json')).stdout,
    ) as RulesAnswer
  const url = ['--url', kymo.url('')]
  await until(
    'all series are there',
    async () => (await ask([...url, '--storage-schemas', schemas])).series >= 12,
  )

  // Those in force change nothing.
  expect(await ask([...url, '--storage-schemas', schemas])).toMatchObject({ changed: 0, changes: [] })
  const answer = await ask([...url, '--storage-schemas', others])
  expect(answer.schemas.map(({ rule, series }) => [rule?.section, series]).slice(0, 2)).toEqual([
    ['own', 10],
    ['new', 1],
  ])
  expect(answer.changed).toBe(11)
  const [own] = answer.changes
  expect(own).toMatchObject({ series: 10, lost: [{ stepSeconds: 0 }] })
  // 40 hours less a day, of ten series.
  expect(own?.lost[0]?.slots).toBeGreaterThan(10 * 16 * 360 - 20)
  const { stdout, code } = await run(
    folder,
    'rules',
    '--flush-interval',
    '1s',
    ...url,
    '--storage-schemas',
    others,
  )
  expect(code).toBe(0)
  expect(stdout).toMatch(/others\.conf:1 +\[own\] \^own\\\. +10s:1d,1m:30d +10 /)
  expect(stdout).toMatch(/10 from 10s:2d,1m:30d by mean to 10s:1d,1m:30d by mean/)
  expect(stdout).toContain('Nothing has been changed.')

  // Written where the running Kymo has its own, with a mistake: refused whole, with line and reason.
  writeFileSync(schemas, BROKEN)
  const refused = await run(folder, 'rules', ...url, '--storage-schemas', schemas)
  expect(refused).toMatchObject({ code: 78, stdout: '' })
  expect(refused.stderr).toMatch(/schemas\.conf:2 +\[own\] pattern: "\(" cannot be used: missing closing \)/)
  const reload = await fetch(kymo.url('/api/reload'), { method: 'POST' })
  expect(reload.status).toBe(422)
  expect(((await reload.json()) as { message: string }).message).toContain('schemas.conf:2')
  const rules = { method: 'POST', headers: { 'content-type': 'application/json' } }
  expect(await kymo.json<RulesAnswer>('/api/rules', { ...rules, body: '{}' })).toMatchObject({
    schemas: [{ series: 10, retentions: [{ retentionSeconds: 2 * 86_400 }, {}] }, {}],
    changed: 0,
  })
  const posted = await fetch(kymo.url('/api/rules'), {
    ...rules,
    body: JSON.stringify({ schemas: { path: 'x', text: BROKEN } }),
  })
  expect(posted.status).toBe(422)

  // In force from now on: the reload says the same, and logs it.
  writeFileSync(schemas, OTHERS)
  const report = await kymo.json<ReloadReport>('/api/reload', { method: 'POST' })
  expect(report.changed).toEqual(['store.schemas'])
  expect(report.rules).toMatchObject({ changed: 11, changes: [{ series: 10 }, { series: 1 }] })
  expect(kymo.stderr).toMatch(
    /other rules of keeping: 11 of \d+ series change: 10 from 10s:2d,1m:30d by mean to /,
  )
  expect((await kymo.json<ReloadReport>('/api/reload', { method: 'POST' })).rules).toBeNull()

  // What takes the most space, and who has been read.
  await kymo.render('own.3')
  const size = await kymo.json<SizeReport>('/api/size?prefix=own&order=points')
  expect(size).toMatchObject({ series: 10, points: 20, others: { points: 0 } })
  expect(size.bytes).toBeGreaterThan(0)
  const queried = size.children.filter(({ lastQueriedMs }) => lastQueriedMs !== null)
  expect(queried.map(({ path }) => path)).toEqual(['own.3'])
  expect(await kymo.json<SizeReport>('/api/size?prefix=other')).toMatchObject({
    children: [{ path: 'other;env=prod', isLeaf: true, series: 1, points: 1 }],
  })

  // Of one that does not run, those in force are the configuration's.
  expect(await kymo.end()).toBe(0)
  const stopped = await ask(['--data', kymo.data, '--storage-schemas', others])
  expect(stopped.schemas[0]).toMatchObject({ series: 10 })
  expect(stopped.changed).toBe(11)
  expect((await ask(['--data', kymo.data])).changed).toBeNull()
})
