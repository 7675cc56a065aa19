import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { MetricExplanation } from './explain-metric.ts'
import { runCommandLine } from './index.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'kymo-explain-'))
  writeFileSync(
    path.join(folder, 'kymo.yaml'),
    [
      'rules:',
      "  - exclude: 'debug.**'",
      "  - rename: 'a.*.b.*'",
      "    to: 'x.$2.$1'",
      "  - {match: 'x.**', drop_tags: [host], types: [gauge]}",
      "  - include: '{x,y}.**'",
      "  - exclude: 'x.**'",
      'limits:',
      '  prefixes: [{prefix: x, series: 100}]',
    ].join('\n'),
  )
})
afterEach(() => rmSync(folder, { recursive: true }))

async function explain(name: string, ...flags: string[]) {
  let stdout = ''
  let stderr = ''
  const code = await runCommandLine({
    argv: ['check-config', '--explain', name, ...flags],
    env: {},
    cwd: folder,
    hasTerminal: false,
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
  })
  return { code, stdout, stderr }
}

describe('for a person', () => {
  test('each rule that matched with its place, the limits, and the series', async () => {
    expect(await explain('a.1.b.2:3|g|#host:h,env:prod')).toEqual({
      code: 0,
      stderr: '',
      stdout: [
        'gauge',
        '  received as      a.1.b.2;env=prod;host=h',
        '  kymo.yaml:3:13   rename "a.*.b.*": now x.2.1;env=prod;host=h',
        '  kymo.yaml:5:13   match "x.**": now x.2.1;env=prod',
        '  kymo.yaml:6:14   include "{x,y}.**": let in',
        '  kymo.yaml:7:14   exclude "x.**": matches, but too late, after an include or exclude that did',
        '  let in as        x.2.1;env=prod',
        '  counts against   limits.prefixes[0].series, 100; beyond it as x.__over_limit__',
        '                   limits.series, 1000000; beyond it as __over_limit__',
        '  stored as gauge  stats.gauges.x.2.1;env=prod',
        '',
      ].join('\n'),
    })
  })

  test('why it is refused', async () => {
    const byRule = await explain('debug.x:1|g')
    expect(byRule.stdout.split('\n').slice(2, 4)).toEqual([
      '  kymo.yaml:2:14  exclude "debug.**": refused',
      '  refused         by that rule',
    ])
    const byNone = await explain('z:1|g')
    expect(byNone.stdout).toBe('gauge\n  received as  z\n  refused      no rule includes it\n')
  })

  test('of a name all types, those that fare alike together', async () => {
    const { stdout } = await explain('y.a')
    expect(stdout.split('\n').filter((line) => /^\w/.test(line))).toEqual([
      'counter, gauge, timer, set',
      'untyped',
    ])
    expect(stdout).toContain('  stored as gauge    stats.gauges.y.a\n')
    expect(stdout).toContain('  stored as       y.a\n')
    expect(stdout).toMatch(/untyped\n(?:(?!counts against)[\s\S])*$/)
  })

  test('text from outside cannot reach the terminal', async () => {
    const { code, stderr } = await explain('\u001b]0;x\u0007|')
    expect(code).toBe(64)
    expect(stderr).not.toContain('\u001b')
  })
})

test('for a program: the same as JSON', async () => {
  const { stdout } = await explain('y.a;b=c', '--json')
  const { name, explanations } = JSON.parse(stdout) as { name: string; explanations: MetricExplanation[] }
  expect(name).toBe('y.a;b=c')
  expect(explanations.map(({ type }) => type)).toEqual(['counter', 'gauge', 'timer', 'set', 'untyped'])
  expect(explanations[3]).toEqual({
    type: 'set',
    received: 'y.a;b=c',
    steps: [
      {
        option: 'rules[3]',
        from: 'kymo.yaml:6:14',
        source: { kind: 'file', file: 'kymo.yaml', line: 6, column: 14 },
        verb: 'include',
        pattern: '{x,y}.**',
        isTooLate: false,
        key: 'y.a;b=c',
      },
    ],
    admittedAs: 'y.a;b=c',
    limits: [
      {
        option: 'limits.series',
        from: 'default',
        prefix: '',
        series: 1_000_000,
        overflowKey: '__over_limit__',
      },
    ],
    series: ['stats.sets.y.a.count;b=c'],
  })
})

test('a name is sanitised as if it had been sent; where it cannot be sent it is left out', async () => {
  const { stdout } = await explain('y.a b//%c', '--json')
  const { explanations } = JSON.parse(stdout) as { explanations: MetricExplanation[] }
  expect(explanations.map(({ type, received }) => [type, received])).toEqual(
    ['counter', 'gauge', 'timer', 'set'].map((type) => [type, 'y.a_b--c']),
  )
})

test.each([
  ['%%%', '--explain: "%%%:1|c" would be rejected as empty_name'],
  ['a:x|c', '--explain: "a:x|c" would be rejected as bad_number'],
  ['a:1|c\nb', '--explain: "a:1|c\\u000ab" is several lines'],
])('what is no metric is told: %j', async (name, problem) => {
  const { code, stderr } = await explain(name)
  expect(code).toBe(64)
  expect(stderr).toContain(`The command line cannot be read: ${problem}.`)
})

test('--json needs something to print', async () => {
  let stderr = ''
  const output = { write: (text: string) => (stderr += text) }
  const context = {
    argv: ['check-config', '--json'],
    env: {},
    cwd: folder,
    hasTerminal: false,
    stdout: output,
    stderr: output,
  }
  expect(await runCommandLine(context)).toBe(64)
  expect(stderr).toMatch(/^usage: .*--json goes with --explain\./)
})

test('what the guide shows is what is printed', async () => {
  const guide = readFileSync(path.join(import.meta.dirname, '../../docs/guide/intake-rules.md'), 'utf8')
  const [yaml = '', shown = ''] = [...guide.matchAll(/```(?:yaml)?\n([^]*?)```/g)].map((match) => match[1])
  const [command = '', ...output] = shown.split('\n')
  writeFileSync(path.join(folder, 'kymo.yaml'), yaml)
  const { stdout } = await explain(/--explain '(.*)'/.exec(command)?.[1] ?? '')
  expect(stdout).toBe(output.join('\n'))
})
