import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FLAGS } from '../config/flags.ts'
import { readVersion } from '../config/version.ts'
import { KymoError } from '../telemetry/errors.ts'
import { COMMANDS, COMMANDS_WITH_HELP } from './commands.ts'
import { chooseCommand, runCommandLine } from './index.ts'
import { printError } from './print-error.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'kymo-cli-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function runKymo(argv: string[], { env = {}, isTTY = false } = {}): Promise<Outcome> {
  let stdout = ''
  let stderr = ''
  const code = await runCommandLine({
    argv,
    env,
    cwd: folder,
    hasTerminal: isTTY,
    stdout: { isTTY, write: (text) => (stdout += text) },
    stderr: { isTTY, write: (text) => (stderr += text) },
  })
  return { code, stdout, stderr }
}

describe('which command is run', () => {
  test.each<[string[], string, string[]]>([
    [[], 'start', []],
    [['start'], 'start', []],
    [['--stdout'], 'start', ['--stdout']],
    [['my.yaml', '--stdout'], 'start', ['my.yaml', '--stdout']],
    [['./start'], 'start', ['./start']],
    [['start', 'my.yaml'], 'start', ['my.yaml']],
    [['check-config', 'my.yaml'], 'check-config', ['my.yaml']],
    [['print-config', '--json'], 'print-config', ['--json']],
    [['--print-config', '--stdout'], 'print-config', ['--print-config', '--stdout']],
    [['--help'], 'help', []],
    [['-h'], 'help', []],
    [['check-config', '--help'], 'help', ['check-config']],
    [['help', 'start'], 'help', ['start']],
    [['--version'], 'version', []],
    [['--', '--help'], 'start', ['--', '--help']],
  ])('%j', (argv, name, rest) => {
    const { name: chosen, argv: ownArgv } = chooseCommand(argv)
    expect([chosen, ownArgv]).toEqual([name, rest])
  })

  test.each([
    ['strat', 'there is no command "strat" (did you mean start?); to name a file, write "./strat"'],
    [
      'checkconfig',
      'there is no command "checkconfig" (did you mean check-config?); to name a file, write "./checkconfig"',
    ],
    ['constructor', 'there is no command "constructor"; to name a file, write "./constructor"'],
  ])('%s is none', async (word, problem) => {
    expect(await runKymo([word])).toEqual({
      code: 64,
      stdout: '',
      stderr: `usage: The command line cannot be read: ${problem}.\n  → Run \`kymo --help\` for the commands and flags.\n`,
    })
  })
})

describe('help', () => {
  test('fits a screen, and names every command and flag', async () => {
    const { code, stdout, stderr } = await runKymo(['--help'])
    expect([code, stderr]).toEqual([0, ''])
    const lines = stdout.split('\n')
    expect(lines.length).toBeLessThanOrEqual(50)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100)
    expect(COMMANDS.filter(({ name }) => !stdout.includes(`\n  ${name} `))).toEqual([])
    const own = await Promise.all(COMMANDS_WITH_HELP.map((name) => runKymo([name, '--help'])))
    const all = [stdout, ...own.map((help) => help.stdout)].join('')
    expect(FLAGS.filter(({ name }) => !all.includes(`\n  --${name} `))).toEqual([])
    expect(stdout.split('Examples:')[1]?.trim().split('\n')).toHaveLength(2)
  })
})

test('version is that of the package', async () => {
  expect(await runKymo(['version'])).toEqual({ code: 0, stdout: `kymo ${readVersion()}\n`, stderr: '' })
  expect(readVersion()).toMatch(/^\d+\.\d+\.\d+/)
})

describe('check-config', () => {
  test('a good configuration is summed up', async () => {
    writeFileSync(
      path.join(folder, 'kymo.yaml'),
      'sinks: [{type: graphite, host: carbon.example}]\nstore: {path: /data}\n',
    )
    expect(await runKymo(['check-config'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^ok: "kymo.yaml", \d+ of \d+ values set; data in "\/data"; sinks: graphite\.\n$/,
      ),
      stderr: '',
    })
  })

  test('no configuration is a good one', async () => {
    const { code, stdout } = await runKymo(['check-config', '--no-store', '--stdout'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ok: no configuration file, /)
  })

  test('modules of sinks are looked for, and not run', async () => {
    writeFileSync(path.join(folder, 'mine.mjs'), 'throw new Error("it was run")')
    mkdirSync(path.join(folder, 'node_modules', 'for-import-alone'), { recursive: true })
    writeFileSync(
      path.join(folder, 'node_modules', 'for-import-alone', 'package.json'),
      '{"name": "for-import-alone", "exports": {"import": "./index.mjs"}}',
    )
    writeFileSync(
      path.join(folder, 'good.yaml'),
      'sinks: [{module: ./mine.mjs}, {module: for-import-alone, name: b}, {module: "node:fs", name: c}]\n',
    )
    expect(await runKymo(['check-config', 'good.yaml'])).toMatchObject({ code: 0, stderr: '' })
    writeFileSync(
      path.join(folder, 'bad.yaml'),
      'sinks:\n- {module: ./other.mjs}\n- {type: statsd-backend, module: no-such-backend, directory: sub}\n',
    )
    const { code, stderr } = await runKymo(['check-config', 'bad.yaml'])
    expect(code).toBe(78)
    expect(stderr).toContain(
      `  bad.yaml:2:12  sinks[0].module: found "./other.mjs", which is not there: it is looked for in ${folder}\n`,
    )
    expect(stderr).toContain(
      `  bad.yaml:3:34  sinks[1].module: found "no-such-backend", which is not there: it is looked for in ${folder}/sub\n`,
    )
  })

  test('a bad one has every problem listed, on stderr, and what to do', async () => {
    writeFileSync(path.join(folder, 'my.yaml'), 'flsh: 1\nhttp: {port: "\\e[31mx"}\n')
    expect(await runKymo(['check-config', 'my.yaml', '--log-level', 'loud'])).toEqual({
      code: 78,
      stdout: '',
      stderr: [
        'config-invalid: The configuration has 3 problem(s):',
        '  my.yaml:1:1  flsh: unknown key; did you mean "flush"?',
        '  my.yaml:2:14  http.port: found "\\u001b[31mx", wanted a whole number from 0 to 65535',
        '  --log-level  log.level: found "loud", wanted one of debug, info, warn, error',
        '  → Correct them and try with `kymo check-config`. Every option is described in docs/reference/config.md.',
        '',
      ].join('\n'),
    })
  })

  test('warnings go to stderr', async () => {
    const { code, stderr } = await runKymo(['check-config', '--listen', '0.0.0.0'])
    expect(code).toBe(0)
    expect(stderr).toMatch(/^warning: StatsD and Graphite are received on 0\.0\.0\.0/)
  })

  test('HTTP for everybody is refused by its own code', async () => {
    const { code, stderr } = await runKymo(['check-config', '--http-listen', '0.0.0.0'])
    expect(code).toBe(78)
    expect(stderr).toMatch(/^http-open-without-credentials: /)
  })
})

describe('print-config', () => {
  beforeEach(() =>
    writeFileSync(path.join(folder, 'kymo.yaml'), 'http:\n  port: 9000\n  allowed_hosts: [a.example]\n'),
  )

  test.each([[['print-config']], [['--print-config']], [['start', '--print-config']]])(
    '%j prints each value and where it came from, in columns',
    async (argv) => {
      const { code, stdout, stderr } = await runKymo([...argv, '--flush-interval', '1s'], {
        env: { KYMO_LOG_LEVEL: 'warn' },
      })
      expect([code, stderr]).toEqual([0, ''])
      const rows = new Map(
        stdout
          .trimEnd()
          .split('\n')
          .map((line) => {
            const [key = '', value, source] = line.split(/ {2,}/)
            return [key, [value, source]]
          }),
      )
      expect(rows.get('http.port')).toEqual(['9000', 'kymo.yaml:2:9'])
      expect(rows.get('http.allowed_hosts')).toEqual(['["a.example"]', 'kymo.yaml:3:18'])
      expect(rows.get('log.level')).toEqual(['warn', 'KYMO_LOG_LEVEL'])
      expect(rows.get('flush.interval')).toEqual(['1s', '--flush-interval'])
      expect(rows.get('statsd.port')).toEqual(['8125', 'default'])
    },
  )

  test('--json is for programs', async () => {
    const { stdout } = await runKymo(['print-config', '--json'])
    const { options } = JSON.parse(stdout) as { options: unknown[] }
    expect(options).toContainEqual({
      key: 'http.port',
      value: 9000,
      from: 'kymo.yaml:2:9',
      source: { kind: 'file', file: 'kymo.yaml', line: 2, column: 9 },
    })
    expect(options).toContainEqual({
      key: 'log.level',
      value: 'info',
      from: 'default',
      source: { kind: 'default' },
    })
  })
})

describe('colours', () => {
  const hasColour = (text: string): boolean => text.includes('\u001b[')

  test.each([
    [true, {}, true],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
    [false, {}, false],
  ])('terminal: %s, environment: %j, coloured: %s', async (isTTY, env, wanted) => {
    const good = await runKymo(['check-config'], { env, isTTY })
    const bad = await runKymo(['check-config', 'none.yaml'], { env, isTTY })
    expect([hasColour(good.stdout), hasColour(bad.stderr)]).toEqual([wanted, wanted])
  })
})

describe('printing an error', () => {
  function print(error: unknown): { code: number; text: string } {
    let text = ''
    const code = printError(error, { env: {}, stderr: { write: (more) => (text += more) } })
    return { code, text }
  }

  test('it is the code, what happened, and what to do on its own line', () => {
    const details = { transport: 'udp', host: '127.0.0.1', port: 8125, name: 'statsd', flag: '--statsd-port' }
    expect(print(new KymoError('address-in-use', details))).toEqual({
      code: 4,
      text:
        'address-in-use: Cannot listen on udp 127.0.0.1:8125 for statsd: another program has it.\n' +
        '  → Stop that program, or choose another with --statsd-port.\n',
    })
  })

  test('text from outside cannot reach the terminal', () => {
    const { text } = print(
      new KymoError('config-unreadable', { path: '\u001b]0;x\u0007\u202e', reason: 'y' }),
    )
    expect(text).toContain('"\\u001b]0;x\\u0007\\u202e"')
  })

  test('a bug of ours shows its stack', () => {
    const { code, text } = print(new Error('BUG: surprise'))
    expect(code).toBe(70)
    expect(text).toMatch(
      /^internal: Something inside Kymo failed: BUG: surprise\.\n {2}→ .*\n {4}Error: BUG: surprise\n {4}at /,
    )
  })

  test('whatever is thrown is printed', () => {
    expect(print('a string').text).toMatch(/^internal: Something inside Kymo failed: a string\./)
    expect(print(undefined).code).toBe(70)
  })
})

test('names and passwords in addresses are not shown, and nothing of a list of sinks that cannot be read', async () => {
  const url = 'http://me:hunter2@host:8086/x'
  writeFileSync(path.join(folder, 'kymo.yaml'), `sinks: [{type: influxdb, url: "${url}"}]\n`)
  const shown = [
    await runKymo(['print-config']),
    await runKymo(['print-config', '--json']),
    await runKymo(['check-config', 'kymo.yaml'], {
      env: { KYMO_SINKS: `[{"type":"http","token":"hunter2"` },
    }),
    await runKymo(['check-config'], {
      env: { KYMO_SINKS: '[{"type":"http","url":"ftp://me:hunter2@host"}]' },
    }),
  ]
  expect(shown.map(({ code }) => code)).toEqual([0, 0, 78, 78])
  expect(shown[0]?.stdout).toContain('http://(secret)@host:8086/x')
  for (const { stdout, stderr } of shown) expect(stdout + stderr).not.toContain('hunter2')
})
