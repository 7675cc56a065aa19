import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runIn } from './testdata/run-in.ts'

/** A whole minute of an hour ago. */
const THEN = Math.floor(Date.now() / 60_000) * 60 - 3_600
let folder: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kymo-query-'))
  const lines = [1, 2, 3, 4].flatMap((value) => {
    const time = THEN + value * 10
    return [`web.a ${value} ${time}`, ...(value === 3 ? [] : [`web.b ${value * 10} ${time}`])]
  })
  writeFileSync(join(folder, 'lines'), lines.join('\n'))
  await kymo('import', 'carbon-lines', 'lines')
})
afterEach(() => rmSync(folder, { recursive: true }))

const kymo = (...argv: string[]) => runIn(folder, argv)

const range = ['--from', String(THEN), '--until', String(THEN + 40)]

describe('query', () => {
  test('prints a table', async () => {
    const { code, stdout, stderr } = await kymo('query', 'web.b', 'sumSeries(web.*)', ...range)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const time = (seconds: number): string =>
      new Date((THEN + seconds) * 1_000).toISOString().replace('.000', '')
    expect(stdout.split('\n')).toEqual([
      'web.b',
      `  ${time(10)}  10`,
      `  ${time(20)}  20`,
      `  ${time(30)}  -`,
      `  ${time(40)}  40`,
      '',
      'sumSeries(web.*)',
      `  ${time(10)}  11`,
      `  ${time(20)}  22`,
      `  ${time(30)}  3`,
      `  ${time(40)}  44`,
      '',
    ])
  })

  test('draws lines', async () => {
    const { stdout } = await kymo('query', 'web.*', 'nothing', ...range, '--format', 'spark')
    expect(stdout).toBe('web.a  ▁▃▆█  1 … 4\nweb.b  ▁▃ █  10 … 40\n')
  })

  test('prints json and csv', async () => {
    const { stdout } = await kymo('query', 'web.a', ...range, '--format', 'json')
    const [series] = JSON.parse(stdout) as { target: string; datapoints: [number, number][] }[]
    expect(series?.target).toBe('web.a')
    expect(series?.datapoints.map(([value]) => value)).toEqual([1, 2, 3, 4])
    expect((await kymo('query', 'web.a', ...range, '--format', 'csv')).stdout).toMatch(/^web\.a,.*,1\r\n/)
  })

  test('takes times as Graphite does, and the last hour without any', async () => {
    expect((await kymo('query', 'web.a', '--from', '-2h', '--format', 'csv')).stdout).toContain(',4\r\n')
    expect((await kymo('query', 'nothing')).stdout).toBe('No series match.\n')
    const day = new Date(THEN * 1_000).toISOString()
    expect((await kymo('query', 'web.a', '--from', day, '--format', 'csv')).stdout).toContain(',1\r\n')
  })

  test.each([
    [['query'], 64, 'query needs a target'],
    [['query', 'web.a', '--format', 'png'], 64, '--format is one of table, spark, json, csv'],
    [['query', 'scele(web.a)'], 70, 'did you mean "scale"?'],
    [['explain'], 64, 'explain needs a target'],
  ])('%j is refused', async (argv, code, text) => {
    const said = await kymo(...argv)
    expect(said.code).toBe(code)
    expect(said.stderr).toContain(text)
  })
})

test('explain draws what is evaluated, with the time it is of where that is another', async () => {
  const { stdout } = await kymo('explain', "sumSeries(timeShift(web.*,'10s'))", ...range)
  const time = (seconds: number): string =>
    new Date((THEN + seconds) * 1_000).toISOString().replace('.000', '')
  const columns = stdout.split('\n').map((line) => line.split(/ {2,}(?=\d)/))
  expect(columns).toEqual([
    [`${time(0)} to ${time(40)}`],
    ['sumSeries()', '1 series, 4 points of 10 s'],
    ['└ timeShift(timeShift="10s", resetEnd=true, alignDst=false)', '2 series, 8 points of 10 s'],
    ['  ├ web.*', '2 series, 8 points of 10 s'],
    ['  └ web.*', '2 series, 8 points of 10 s', `${time(-10)} to ${time(30)}`],
    [''],
  ])
})
