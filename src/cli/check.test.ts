import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runIn } from './testdata/run-in.ts'

let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kymo-check-'))
  const now = Math.floor(Date.now() / 1_000)
  const lines = [
    `web.a 1 ${now - 60}`,
    `web.a 7.5 ${now - 20}`,
    `web.b 12 ${now - 20}`,
    `web.c -3 ${now - 20}`,
    `old.a 1 ${now - 3_000}`,
    `odd.it's|x 1 ${now - 20}`,
  ]
  writeFileSync(join(folder, 'lines'), lines.join('\n'))
  await kymo('import', 'carbon-lines', 'lines')
})
afterAll(() => rmSync(folder, { recursive: true }))

const kymo = (...argv: string[]) => runIn(folder, argv)

describe('check', () => {
  test.each<[argv: string[], code: number, line: string]>([
    [['web.a'], 0, "OK - web.a is 7.5|'web.a'=7.5"],
    [['web.a', '--warning', '5', '--critical', '10'], 1, "WARNING - web.a is 7.5|'web.a'=7.5;5;10"],
    [['web.a', '-w', '5', '-c', '7'], 2, "CRITICAL - web.a is 7.5|'web.a'=7.5;5;7"],
    [['web.a', '--critical', '@7:8'], 2, "CRITICAL - web.a is 7.5|'web.a'=7.5;;@7:8"],
    [['web.a', '--critical=~:8'], 0, "OK - web.a is 7.5|'web.a'=7.5;;~:8"],
    [['web.c', '--warning=-5:-1'], 0, "OK - web.c is -3|'web.c'=-3;-5:-1"],
    [
      ['web.*', '--critical', '10'],
      2,
      "CRITICAL - 2 of 3: web.b is 12, web.c is -3|'web.a'=7.5;;10 'web.b'=12;;10 'web.c'=-3;;10",
    ],
    [
      ['sumSeries(web.*)', '--warning', '0'],
      1,
      "WARNING - sumSeries(web.*) is 16.5|'sumSeries(web.*)'=16.5;0",
    ],
    [['odd.*'], 0, "OK - odd.it's_x is 1|'odd.it''s_x'=1"],
    [['nothing'], 3, 'UNKNOWN - no series match'],
    [['old.a'], 3, 'UNKNOWN - no series match'],
    [['old.a', '--from', '-2h'], 0, "OK - old.a is 1|'old.a'=1"],
  ])('%j exits with %d and says %s', async (argv, code, line) => {
    expect(await kymo('check', ...argv)).toMatchObject({ code, stdout: `${line}\n` })
  })

  test.each<[argv: string[], reason: string]>([
    [[], 'check needs a target'],
    [['web.a', '--warning', 'much'], '--warning is a range'],
    [['scele(web.a)'], 'did you mean "scale"?'],
    [['web.a', '--url', 'http://127.0.0.1:9'], 'does not answer'],
    [['web.a', '--wat'], '--wat'],
  ])('%j is UNKNOWN, on one line', async (argv, reason) => {
    const { code, stdout } = await kymo('check', ...argv)
    expect(code).toBe(3)
    expect(stdout).toMatch(/^UNKNOWN - [^\n]+\n$/)
    expect(stdout).toContain(reason)
  })
})
